// The steps of a case, in order, for `lab grade`: what was started, what went over each connection,
// and what failed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace lab::test {

/// Appends one step to the file that the environment variable LAB_TRANSCRIPT names; without it,
/// does nothing. Any thread may call it.
///
/// A line of the file has four fields, separated by tabs: seconds since the first step, `actor`
/// (such as `connection 2`), `action` (such as `sends`), and `bytes` in hexadecimal, at most
/// kMaxNoted of them, with their full number in front: `6:68656c6c6f0a`.
///
/// When kMaxTranscript bytes are in the file, only what the actor `case` says is added: the
/// failure.
void note(std::string_view actor, std::string_view action, std::string_view bytes = {});

/// A name for one more actor of this kind: `connection`, then `connection 2`, and so on.
std::string next_actor(const std::string& kind);

/// How many bytes of one step are kept: the rest is only counted.
inline constexpr std::size_t kMaxNoted = 4096;
/// About how long a transcript gets, in bytes, whatever a program prints or sends.
inline constexpr std::size_t kMaxTranscript = 16 * 1024 * 1024;

}  // namespace lab::test
