#include "compare/report/show.hpp"

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <system_error>

#include "common/check.hpp"
#include "common/output.hpp"

namespace compare {

void show(const std::string& json, std::vector<std::string> words) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
    if (!file || std::fputs(json.c_str(), file.get()) < 0 || std::fflush(file.get()) != 0)
        throw std::system_error(errno, std::generic_category(), "a temporary file");
    std::rewind(file.get());
    lab::check("dup2", dup2(fileno(file.get()), STDIN_FILENO));
    // A blocked signal would stay blocked in Python.
    sigset_t none{};
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
    words.insert(words.begin(), {"python3", "-B", LAB_REPORT});
    std::vector<char*> command;
    for (std::string& word : words) command.push_back(word.data());
    command.push_back(nullptr);
    execvp(command[0], command.data());
    const int reason = errno;
    std::cout << json;
    lab::flush_output();
    throw std::system_error(reason, std::generic_category(), "python3, which shows the figures");
}

}  // namespace compare
