// A place for the files of one case.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace lab::test {

/// An empty directory that is there, with all that is put into it, as long as its owner.
class ScratchDirectory {
 public:
    ScratchDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "lab-test-XXXXXX").string();
        if (!mkdtemp(name.data())) {
            throw std::filesystem::filesystem_error(
                "mkdtemp", name, std::error_code(errno, std::generic_category()));
        }
        path_ = name;
    }
    ~ScratchDirectory() {
        // A program's helpers may still write a last file: what they leave is no failure of a case.
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;

    /// Where the file `name` in it is, or would be.
    [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
    std::filesystem::path path_;
};

}  // namespace lab::test
