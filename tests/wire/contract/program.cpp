// Tests of the program wire: files in, lines out.
#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/wire/support/capture.hpp"

using namespace lab::test;

namespace {

const CaptureFormat kFormat{.next_generation = true};

std::string conversation() {
    return kFormat.begin() + kFormat.packet(tcp_packet({.flags = "S", .sequence = 9}), 1'000'000) +
           kFormat.packet(tcp_packet({.flags = "SA", .sequence = 99, .from = 8004, .to = 50000}),
                          1'100'000) +
           kFormat.packet(tcp_packet({.flags = "A", .sequence = 10, .payload = "hello\n"}),
                          2'000'000);
}

const std::string kLines =
    "connection 1: TCP, client 127.0.0.1:50000 → server 127.0.0.1:8004\n"
    "   0.000000   1 → connects (SYN)\n   0.000100   1 ← accepts (SYN, ACK)\n"
    "   0.001000   1 → 6 bytes  \"hello\\n\"\n";

/// A capture in a file of its own.
class Capture {
 public:
    explicit Capture(const std::string& content) { append(content); }
    void append(const std::string& content) const {
        std::ofstream(name(), std::ios::app) << content << std::flush;
    }
    [[nodiscard]] std::string name() const { return directory_.file("test.pcapng"); }

 private:
    ScratchDirectory directory_;
};

std::vector<std::string> command(std::vector<std::string> words) {
    words.insert(words.begin(), path_of("wire"));
    return words;
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("wire shows a line for each message of a capture") {
    const Capture capture(conversation());
    Program wire(command({capture.name()}));
    wire.expect_exit(0, "after the last packet");
    CHECK(wire.output() == kLines);
    CHECK(wire.errors().empty());
}

TEST_CASE("wire reads a capture from standard input") {
    Program wire(command({"-"}));
    wire.write_input(conversation());
    wire.end_input();
    wire.expect_exit(0, "after the last packet");
    CHECK(wire.output() == kLines);
}

TEST_CASE("wire shows what a cut file holds, says where it ends, and exits with 1") {
    const std::string file = conversation();
    const Capture capture(file.substr(0, file.size() - 3));
    Program wire(command({capture.name()}));
    wire.expect_exit(1, "since the file is not whole");
    CHECK(wire.output() == kLines.substr(0, kLines.find("   0.001000")));
    CHECK(wire.errors() == "wire: " + capture.name() +
                               ": the file ends within a packet or a block (before byte " +
                               std::to_string(file.size() - 3) + " of the file)\n");
}

TEST_CASE("wire refuses what is no capture, and a file that is not there") {
    const Capture capture("GET / HTTP/1.1\r\n\r\n");
    Program wire(command({capture.name()}));
    wire.expect_exit(1, "since this is no capture");
    CHECK(wire.errors().find("this is no capture file") != std::string::npos);
    Program other(command({"/nonexistent.pcap"}));
    other.expect_exit(1, "since there is no such file");
    CHECK(other.errors() == "wire: /nonexistent.pcap: No such file or directory\n");
    Program none(command({}));
    none.expect_exit(2, "since it needs a file");
}

TEST_CASE("wire --follow shows what is added to the file, until a signal ends it") {
    const std::string file = conversation();
    const std::size_t half = file.size() / 2;
    const Capture capture(file.substr(0, half));
    Program wire(command({capture.name(), "--follow"}));
    CHECK(wire.read_line("the connection") + "\n" == kLines.substr(0, kLines.find('\n') + 1));
    capture.append(file.substr(half));
    std::string rest;
    for (int i = 0; i < 3; ++i) rest += wire.read_line("what was added") + "\n";
    CHECK(rest == kLines.substr(kLines.find('\n') + 1));
    wire.send_signal(SIGTERM);
    wire.expect_exit(0, "after SIGTERM");
}

TEST_CASE("wire ends at a signal while it waits for a pipe, and has shown what came") {
    Program wire(command({"-"}));
    wire.write_input(conversation());
    CHECK(wire.read_line("the connection") + "\n" == kLines.substr(0, kLines.find('\n') + 1));
    wire.send_signal(SIGTERM);
    wire.expect_exit(0, "after SIGTERM");
}

TEST_CASE("wire leaves out times and ports, and explains the fields, if it is told to") {
    const Capture capture(conversation());
    Program wire(command({capture.name(), "--no-times", "--fields", "--port", "8004"}));
    wire.expect_exit(0, "after the last packet");
    CHECK(wire.output() ==
          "connection 1: TCP\n 1 → connects (SYN)\n 1 ← accepts (SYN, ACK)\n"
          " 1 → 6 bytes  \"hello\\n\"\n        0-4      line      hello  5 bytes\n"
          "        5        line end  \\n  the only thing that says where the line ends\n");
}

TEST_CASE("wire writes a page and a picture in place of its lines") {
    const Capture capture(conversation());
    const ScratchDirectory out;
    Program wire(command({capture.name(), "--html", out.file("page.html"), "--svg",
                          out.file("picture.svg"), "--title", "one line"}));
    wire.expect_exit(0, "after both are written");
    CHECK(wire.output().empty());
    const auto content = [](const std::string& name) {
        std::ifstream file(name);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    CHECK(content(out.file("page.html")).find("<article id=\"m3\"") != std::string::npos);
    CHECK(content(out.file("picture.svg")).find("one line</title>") != std::string::npos);
    Program printed(command({capture.name(), "--svg", "-", "--title", "one line"}));
    printed.expect_exit(0, "after the picture is printed");
    CHECK(printed.output() == content(out.file("picture.svg")));
    Program nowhere(command({capture.name(), "--svg", out.file("none/picture.svg")}));
    nowhere.expect_exit(1, "since there is no such folder");
    CHECK(nowhere.errors().find("cannot be written") != std::string::npos);
    Program endless(command({capture.name(), "--follow", "--svg", out.file("picture.svg")}));
    endless.expect_exit(2, "since a picture needs an end");
}

TEST_CASE("wire shows strangers' text without its control characters") {
    const Capture capture(kFormat.begin() + kFormat.packet(udp_packet(50000, 9,
                                                                      "\x1b[2J\u202E"
                                                                      "evil\n")));
    Program wire(command({capture.name(), "--fields"}));
    wire.expect_exit(0, "after the last packet");
    CHECK(wire.output().find('\x1b') == std::string::npos);
    CHECK(wire.output().find("\u202E") == std::string::npos);
    CHECK(wire.output().find("\"\\x1b[2J\\xe2\\x80\\xaeevil\\n\"") != std::string::npos);
}

TEST_CASE("wire reads a million empty packets in little memory") {
    Program wire(command({"-"}));
    wire.write_input(CaptureFormat{}.begin());
    const std::string nothing(16 * 1024 * 1024, '\0');
    wire.write_input(nothing);
    wire.end_input();
    wire.expect_exit(0, "after the last packet");
    CHECK(wire.output().empty());
    CHECK(wire.errors().find("passed over 1048576 × a packet that is not IP") != std::string::npos);
    if (!kSanitized) CHECK(wire.usage().ru_maxrss < 16 * 1024);
}

TEST_SUITE_END();
