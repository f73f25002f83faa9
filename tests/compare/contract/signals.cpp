// Tests of compare when it is told to end: none of its servers outlives it.
#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "tests/compare/support/program.hpp"
#include "tests/support/program.hpp"

using namespace lab::test;

namespace {

// A server of step 02 that first writes which process it is, and which signals it blocks.
void write_server(const ScratchDirectory& bin) {
    std::string script = "import os, signal, sys\nwith open('";
    script += bin.file("process");
    script +=
        "', 'w') as file:\n"
        "    print(os.getpid(), *signal.pthread_sigmask(signal.SIG_BLOCK, []), file=file)\n"
        "os.execv('";
    script += path_of("02_threaded_chat");
    script += "', sys.argv)\n";
    write_program(bin, "02_threaded_chat", script);
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("compare that is ended by a signal ends its servers first") {
    const std::vector<std::vector<std::string>> commands{
        {"run", "--transport", "lines", "--rate", "1", "--messages", "1000"},
        {"bench", "02", "--seconds", "600"}};
    for (const int number : {SIGTERM, SIGINT}) {
        for (std::vector<std::string> words : commands) {
            const ScratchDirectory bin;
            write_server(bin);
            words.insert(words.end(), {"--bin", bin.path()});
            Program compare(compare_command(words));
            compare.expect_error("…\n", "it tells what it does");
            pid_t process = 0;
            std::ifstream file(bin.file("process"));
            file >> process;
            REQUIRE(process > 0);
            std::string blocked;
            CHECK_MESSAGE(!(file >> blocked), "a server blocks no signal");
            compare.send_signal(number);
            compare.expect_end_by(number, "it ends as others do");
            CHECK_MESSAGE((kill(process, 0) == -1 && errno == ESRCH), "its server runs on");
            CHECK(compare.output().empty());
        }
    }
}

TEST_CASE("compare that was started to ignore SIGINT goes on") {
    Program compare({"sh", "-c",
                     "trap '' INT; exec \"$0\" run --brief --transport lines --clients 2 "
                     "--messages 10 --rate 10",
                     path_of("compare")});
    compare.expect_error("…\n", "it tells what it does");
    compare.send_signal(SIGINT);
    compare.expect_exit(0, "as a shell's background programs do", kRun);
}

TEST_SUITE_END();
