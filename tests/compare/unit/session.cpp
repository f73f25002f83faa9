// Unit tests of the loop that serves all participants, and of the servers that it starts.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <stdexcept>
#include <string>
#include <vector>

#include "common/thread.hpp"
#include "compare/measure/server_process.hpp"
#include "compare/measure/session.hpp"
#include "tests/compare/support/lines.hpp"
#include "tests/compare/support/program.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/scratch_directory.hpp"

using namespace compare;
using namespace std::chrono_literals;
using lab::test::Connection;
using lab::test::kDeadline;
using lab::test::Lines;
using lab::test::Listener;
using lab::test::ScratchDirectory;
using lab::test::write_program;

namespace {

constexpr std::size_t kSize = 64;
constexpr double kAtOnce = 1e9;  // messages a second

/// Some who speak to the echo of step 01 or 04.
struct Echo {
    ServerProcess server;
    Session session;

    explicit Echo(const std::string& name)
        : server(default_bin(), find_transport(name).step, {}),
          session(find_transport(name), {server.port()}, kSize) {}
};

// `session` asks at least `count` questions.
void expect_requests(Session& session, std::size_t count) {
    const auto deadline = Clock::now() + kDeadline;
    while (session.counts().requests < count && Clock::now() < deadline) session.wait(10ms);
    CHECK(session.counts().requests >= count);
}

const std::string kSays = "print('listening on 127.0.0.1:9', flush=True)\n";
const std::string kWaits = "import signal\nwhile True: signal.pause()\n";

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a writer that is late listens all the same, and knows how late") {
    Echo echo("tcp-echo");
    echo.session.gather(1);
    CHECK(echo.session.speak({0}, 100'000, kAtOnce) == 100'000);
    const std::size_t heard = echo.session.record().take_delays().size();
    CHECK_MESSAGE(heard > 100, "arrived bytes are not left lying");
    CHECK(echo.session.lateness() > 1);
    CHECK(echo.session.settle(10s));
    CHECK(heard + echo.session.record().take_delays().size() == 100'000);
}

TEST_CASE("a writer without time left says no more, and tells how much was said") {
    Echo echo("tcp-echo");
    echo.session.gather(1);
    const auto begin = Clock::now();
    const std::size_t said = echo.session.speak({0}, 1'000'000'000, kAtOnce, begin + 100ms);
    CHECK((said > 0 && said < 1'000'000'000));
    CHECK(Clock::now() >= begin + 100ms);
    CHECK(echo.session.settle(10s));
    CHECK(echo.session.record().said() == said + 1);
}

TEST_CASE("a flood has no more messages on their way than it may") {
    Lines lines;
    lines.join([](Connection& client) { client.receive_to_end("no answer"); });
    const auto begin = Clock::now();
    const std::size_t count = lines.session.flood({0}, 3, begin + 100ms);
    // A busy machine may stop this program for all of that time: then there are fewer.
    CHECK(count <= 3);
    CHECK(Clock::now() >= begin + 100ms);
    CHECK(lines.session.record().outstanding() == count);
    lines.session.leave(0);
}

TEST_CASE("a flood goes on when messages are heard") {
    Lines lines;
    // The connection's end ends the flood, so that no clock does.
    lines.join([](Connection& client) {
        for (int i = 0; i < 10; ++i) client.send(client.receive_line("one more"));
        for (int i = 0; i < 3; ++i) client.receive_line("as many as may be on their way");
        CHECK_MESSAGE(client.is_silent(), "and no more");
    });
    CHECK_THROWS_AS(lines.session.flood({0}, 3, Clock::now() + kDeadline), std::runtime_error);
    CHECK_MESSAGE(lines.session.record().said() == 1 + 10 + 3, "the first one tried who is in");
}

TEST_CASE("participants are spread over several servers") {
    // This server has one client at a time.
    const Transport echo = find_transport("tcp-echo");
    const ServerProcess one(default_bin(), echo.step, {});
    const ServerProcess other(default_bin(), echo.step, {});
    Session session(echo, {one.port(), other.port()}, kSize);
    session.gather(2);
    session.speak({0, 1}, 4, kAtOnce);
    CHECK(session.settle(10s));
}

TEST_CASE("slow messages are not lost: only a silence ends the waiting") {
    constexpr int kMany = 33;
    // A busy machine may stop the server for as long, nearly.
    constexpr std::chrono::milliseconds kSilence = 3s;
    Lines lines;
    lines.join([](Connection& client) {
        std::vector<std::string> said;
        for (int i = 0; i < kMany; ++i) said.push_back(client.receive_line("a line"));
        for (const std::string& line : said) {
            CHECK_FALSE_MESSAGE(client.wait_for_bytes(100ms), "all is said");
            client.send(line);
        }
    });
    const auto begin = Clock::now();
    lines.session.speak({0}, kMany, kAtOnce);
    CHECK_FALSE(lines.session.settle(kSilence, begin + 100ms));
    CHECK_MESSAGE(lines.session.record().outstanding() > 0, "there was no more time");
    CHECK_MESSAGE(lines.session.settle(kSilence), "all in all it takes longer than the silence");
    CHECK(lines.session.last_heard() > begin + kSilence);
}

TEST_CASE("a message that does not come is not waited for without end") {
    Lines lines;
    lines.join([](Connection& client) { client.receive_to_end("no answer"); });
    lines.session.speak({0}, 1, kAtOnce);
    const auto begin = Clock::now();
    CHECK_FALSE(lines.session.settle(100ms));
    CHECK(Clock::now() >= begin + 100ms);
    CHECK_THROWS_WITH_AS(lines.session.settle_or_throw(1ms),
                         doctest::Contains("participant 0: message 1"), std::runtime_error);
    lines.session.leave(0);
}

TEST_CASE("how long one takes to join does not hold the time that the others take") {
    // On a busy machine the server itself may sleep meanwhile: one try of ten is enough. A
    // participant that is served only when all have connected never comes below half.
    bool soon = false;
    for (int i = 0; i < 10 && !soon; ++i) {
        Echo echo("ws-echo");
        const auto begin = Clock::now();
        echo.session.gather(300);
        const std::chrono::duration<double, std::milli> all = Clock::now() - begin;
        CHECK(echo.session.joins().size() == 300);
        soon = echo.session.joins().front() < all.count() / 2;
    }
    CHECK(soon);
}

TEST_CASE("writers write in turn") {
    Listener listener;
    Session session(find_transport("tcp-echo"), {listener.port()}, 10);
    lab::Thread server([&] {
        std::vector<Connection> clients;
        for (int i = 0; i < 2; ++i) clients.push_back(listener.accept());
        for (int round = 0; round < 3; ++round)
            for (Connection& client : clients) client.send(client.receive_line("one of each"));
        for (Connection& client : clients) client.receive_to_end("they leave");
    });
    session.gather(2);
    CHECK(session.joins().empty());
    CHECK(session.record().take_delays().empty());
    session.speak({0, 1}, 4, kAtOnce);
    CHECK(session.settle(10s));
    session.leave(0);
    session.leave(1);
}

TEST_CASE("a message that has not left yet is not settled, though nobody has to hear it") {
    Listener listener;
    Session session(find_transport("lines"), {listener.port()}, 16'000'000);
    auto gathered = std::async(std::launch::async, [&] { session.gather(1); });
    Connection client = listener.accept();
    CHECK_MESSAGE(client.wait_for_bytes(10s), "it begins");
    CHECK(gathered.wait_for(200ms) == std::future_status::timeout);
    lab::Thread reader([&] { client.receive_to_end("all of it"); });
    gathered.get();
    session.leave(0);
}

TEST_CASE("clients that poll do not all ask together") {
    const Transport polling = find_transport("ajax-60000");
    const ServerProcess server(default_bin(), polling.step, polling.options);
    Session session(polling, {server.port()}, kSize);
    session.gather(4);
    expect_requests(session, 5);
    session.wait(300ms);
    CHECK_MESSAGE(session.counts().requests == 5, "all have asked, and the first one again");
    Session hasty(polling, {server.port()}, kSize);
    hasty.gather(4, true);
    // With a short beat, each participant asks again.
    expect_requests(hasty, 8);
}

TEST_CASE("a client that is away misses messages, and joins only once") {
    const Transport websocket = find_transport("websocket");
    const ServerProcess server(default_bin(), websocket.step, websocket.options);
    Session chat(websocket, {server.port()}, kSize);
    chat.gather(3);
    chat.leave(0);
    chat.speak({1, 2}, 2, kAtOnce);
    CHECK_MESSAGE(chat.settle(10s), "the first one was not asked to");
    CHECK(chat.record().missed(0, 0, 2) == 2);
    CHECK(chat.record().take_delays().size() == 4);
    CHECK_MESSAGE(chat.joins().size() == 3, "a client that comes back does not count again");
    chat.come_back(0);
    CHECK(chat.joins().size() == 3);
}

TEST_CASE("a server that does not say where it listens is ended") {
    const ScratchDirectory bin;
    std::string script = "import os, sys\nopen('";
    script += bin.file("pid");
    script += "', 'w').write(str(os.getpid()))\nprint('why not', file=sys.stderr)\n";
    script += "print('hello: 5', flush=True)\n";
    write_program(bin, "mute", script + kWaits);
    try {
        const ServerProcess server(bin.path(), "mute", {});
        FAIL("it does not listen");
    } catch (const std::runtime_error& error) {
        CHECK(std::string(error.what()).find("does not listen: why not") != std::string::npos);
    }
    pid_t process = 0;
    std::ifstream(bin.file("pid")) >> process;
    CHECK(process > 0);
    CHECK_MESSAGE(kill(process, 0) == -1, "it runs on");
}

TEST_CASE("a server gets its three streams and nothing else that is open here") {
    const Listener something_open;
    const ScratchDirectory bin;
    write_program(bin, "looks",
                  "import os, sys\n"
                  "more = [n for n in range(3, 100) if os.path.exists('/dev/fd/%d' % n)]\n"
                  "if more: sys.exit('open: %s' % more)\n" +
                      kSays + kWaits);
    const ServerProcess first(bin.path(), "looks", {});
    const ServerProcess second(bin.path(), "looks", {});
    CHECK(second.port() == "9");
}

TEST_CASE("a server that does not want to end is ended") {
    const ScratchDirectory bin;
    write_program(
        bin, "stays",
        "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + kSays + kWaits);
    const auto begin = Clock::now();
    { const ServerProcess server(bin.path(), "stays", {}); }
    CHECK(Clock::now() - begin >= 2s);
}

TEST_CASE("the processor time and memory of a server are known") {
    Echo echo("tcp-echo");
    echo.session.gather(1);
    const auto cpu = echo.server.cpu_seconds();
    const auto memory = echo.server.resident_kib();
    REQUIRE(cpu.has_value());
    CHECK((*cpu >= 0 && *cpu < 5));
    if (memory) CHECK((*memory > 100 && *memory < 1'000'000));
}

TEST_SUITE_END();
