// What differs from student to student with `lab grade --variant ID`: tools/variants.toml has the
// values, and the grader hands them to the cases in the environment.
#pragma once

#include <cstddef>
#include <string>

namespace lab::test {

/// What step 04's server appends to the key: LAB_GUID, or that of RFC 6455, section 1.3.
std::string guid();

/// Whether the variant has another GUID than the WebSockets of other people.
bool has_another_guid();
/// Ends the case as skipped if that is so.
void leave_out_with_another_guid();

/// Bytes of the longest line that step 02's server takes without --max-line: LAB_MAX_LINE, or
/// 65536.
std::size_t greatest_line();

/// Bytes of the sequence number of step 03's reliable client: LAB_SEQUENCE_BYTES, or 4.
std::size_t sequence_bytes();

/// The hint, and behind it the value of the variant in the environment's `variable`, if there is
/// one: the lesson has another value, and a student may have that one in mind.
std::string with_variant(const std::string& hint, const char* variable);

}  // namespace lab::test
