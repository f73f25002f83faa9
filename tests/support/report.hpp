// The report of a failed case: what was expected, what came, and where to look.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace lab::test {

/// How long a program may take to start: an interpreter on a busy machine needs seconds.
inline constexpr std::chrono::milliseconds kStart{20'000};

/// The value of LAB_DEADLINE_MS, or 10 s.
std::chrono::milliseconds deadline_from_environment();

/// How long anything that should happen may take: far longer than it does on a busy machine, so
/// that only what never happens fails. `lab grade`, which has measured how fast the program is,
/// sets a shorter one, because a student waits for the verdict.
inline const std::chrono::milliseconds kDeadline = deadline_from_environment();

/// Tells that `what` went on for the whole deadline: "nothing for 10 s".
std::string all_the_time(const std::string& what);

/// The place in a test that a failure is reported for. Functions take it as their last argument: by
/// default it is the caller's place.
struct Place {
    const char* file;
    int line;
    static Place here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
        return {file, line};
    }
};

/// Ends the case as failed, with the three things that a student needs: what was `expected`, what
/// was `got`, and a `hint` at the cause. Throws doctest's exception.
[[noreturn]] void fail(const std::string& expected, const std::string& got, const std::string& hint,
                       Place place = Place::here());

/// fail() unless `got` is `expected`. Both are shown with their bytes visible, long ones from
/// shortly before the first difference on.
void expect_bytes(std::string_view expected, std::string_view got, const std::string& hint,
                  Place place = Place::here());

/// `work` for a thread beside the case's own: what fails in it fails the case and ends the thread.
/// An exception that left a thread would end the test program, and leave the servers of the case
/// behind.
std::function<void()> for_thread(std::function<void()> work, Place place = Place::here());
/// Ends this process, and so the case, as skipped for `reason`, a whole sentence: for a case that
/// finds out deep inside a helper that it cannot be run here.
[[noreturn]] void leave_out(const std::string& reason);

/// Says that the case is skipped because `what` is missing, so that ctest reports it by name, and
/// which `packages` of Debian have it, if any do. The case then has to return.
void skip(const std::string& what, const std::string& packages = "");

}  // namespace lab::test
