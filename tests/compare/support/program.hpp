// The program compare as a test starts it, and servers that are not what they should be.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/scratch_directory.hpp"

namespace lab::test {

/// Time limit for a short run on a busy machine.
inline constexpr std::chrono::milliseconds kRun{40'000};

/// `compare` and `words`.
inline std::vector<std::string> compare_command(const std::vector<std::string>& words) {
    std::vector<std::string> command{path_of("compare")};
    command.insert(command.end(), words.begin(), words.end());
    return command;
}

/// A run of little load over `transports`, and `words` more.
inline std::vector<std::string> short_run(const std::vector<std::string>& transports,
                                          const std::vector<std::string>& words) {
    std::vector<std::string> all{"run", "--clients", "3", "--messages", "6", "--rate", "60"};
    for (const std::string& transport : transports) {
        all.emplace_back("--transport");
        all.push_back(transport);
    }
    all.insert(all.end(), words.begin(), words.end());
    return compare_command(all);
}

/// A program called `name` in `bin` that runs `script`, in Python.
inline void write_program(const ScratchDirectory& bin, const std::string& name,
                          const std::string& script) {
    std::ofstream(bin.file(name)) << "#!/usr/bin/env python3\n" << script;
    std::filesystem::permissions(bin.file(name), std::filesystem::perms::owner_all);
}

/// The content of the file `name`.
inline std::string content_of(const std::string& name) {
    std::ifstream file(name);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace lab::test
