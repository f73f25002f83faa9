// Chromium without a window, for pages that tests drive.
#pragma once

#include <string>
#include <vector>

#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"

namespace lab::test {

/// The environment variable that holds the address of a Chromium for all tests, as Chromium::url().
inline constexpr const char* kSharedChromium = "LAB_CHROMIUM";

/// The name of Chromium on this machine, in PATH; empty if it cannot be run. A file of that name
/// may be no more than a hint at a package (Ubuntu), so each is asked for its version.
std::string name_of_chromium();

/// A running Chromium. It ends when it goes out of scope, and leaves nothing behind.
class Chromium {
 public:
    /// `options` are added to those that each has. Throws std::runtime_error if it does not start
    /// within kDeadline.
    explicit Chromium(const std::vector<std::string>& options = {});
    /// The address, ws://…, at which it speaks the DevTools protocol.
    [[nodiscard]] const std::string& url() const { return url_; }

 private:
    ScratchDirectory scratch_;
    Program program_;
    std::string url_;
};

}  // namespace lab::test
