#include "tests/support/report.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sstream>
#include <utility>

#include "common/visible.hpp"
#include "tests/support/transcript.hpp"

namespace lab::test {

std::chrono::milliseconds deadline_from_environment() {
    const char* const text = std::getenv("LAB_DEADLINE_MS");
    const int milliseconds = text ? std::atoi(text) : 0;
    return std::chrono::milliseconds(milliseconds > 0 ? milliseconds : 10'000);
}

std::string all_the_time(const std::string& what) {
    const double seconds = std::chrono::duration<double>(kDeadline).count();
    std::ostringstream text;
    text << what << " for " << seconds << " s";
    return text.str();
}

void fail(const std::string& expected, const std::string& got, const std::string& hint,
          Place place) {
    note("case", "expected", expected);
    note("case", "got", got);
    note("case", "hint", hint);
    ADD_FAIL_AT(
        place.file, place.line,
        "\n  expected: " << expected << "\n  got:      " << got << "\n  hint:     " << hint);
    std::abort();  // never reached: the line above throws
}

void expect_bytes(std::string_view expected, std::string_view got, const std::string& hint,
                  Place place) {
    if (got == expected) return;
    note("case", "expected bytes", expected);
    note("case", "got bytes", got);
    const auto difference = std::ranges::mismatch(expected, got).in1 - expected.begin();
    const auto from = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, difference - 20));
    const auto show = [&](std::string_view bytes) {
        const std::string part = visible(bytes.substr(std::min(from, bytes.size())));
        return std::to_string(bytes.size()) + " bytes" +
               (from > 0 ? ", from byte " + std::to_string(from) + " on: " : ": ") + part;
    };
    fail(show(expected), show(got), hint, place);
}

std::function<void()> for_thread(std::function<void()> work, Place place) {
    return [work = std::move(work), place] {
        try {
            work();
        } catch (const std::exception& error) {
            ADD_FAIL_CHECK_AT(place.file, place.line, "in a thread of this case: " << error.what());
        } catch (...) {
            // An assertion throws this; it has counted and shown the failure before.
        }
    };
}

void leave_out(const std::string& reason) {
    // ctest looks for this word: tests/discover.cmake.
    std::cout << "SKIPPED: " << reason << std::endl;
    std::_Exit(0);
}

void skip(const std::string& what, const std::string& packages) {
    // ctest looks for this word: tests/discover.cmake.
    std::cout << "SKIPPED: " << what << " is missing"
              << (packages.empty() ? "" : " (Debian: " + packages + ")") << std::endl;
}

}  // namespace lab::test
