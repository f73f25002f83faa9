// The contract of the server of 02_threaded_chat: who hears what.
#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "common/visible.hpp"
#include "tests/02_threaded_chat/support/line_chat.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "02_threaded_chat";

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server says where it listens") {
    const Server server(kStep);
    expect_bytes("127.0.0.1", server.host(), "without --host, only this machine");
    const Connection client(server);
}

TEST_CASE("server passes a line on to all the others") {
    const Server server(kStep);
    auto clients = join(server, 2);
    Connection speaker(server);
    speaker.send("hello\n");
    const std::string hint = "each line goes to all the others, and nothing else goes to them";
    clients[0].expect("hello\n", hint);
    // Whether a client hears its own lines is the next case's question.
    std::string heard = clients[1].receive_line(hint);
    while (heard.ends_with("client 1 is here\n")) heard = clients[1].receive_line(hint);
    expect_bytes("hello\n", heard, hint);
}

TEST_CASE("server does not send a line back to its sender") {
    const Server server(kStep);
    auto clients = join(server, 2);
    clients[1].send("mine\n");
    clients[0].expect("mine\n", "each line goes to all the others");
    clients[0].send("yours\n");
    clients[1].expect(
        "yours\n", "never send a line to its sender: leave the connection out that it came from");
}

TEST_CASE("server passes text in any script on") {
    const Server server(kStep);
    auto clients = join(server, 2);
    clients[0].send("Ада: Привіт 👋\n");
    clients[1].expect("Ада: Привіт 👋\n", "pass bytes on: no need to decode them");
}

TEST_CASE("server passes the spaces and tabs around a line on") {
    const Server server(kStep);
    auto clients = join(server, 2);
    for (const std::string line : {"  indented, and two spaces at the end  \n", " \t\n"}) {
        clients[0].send(line);
        clients[1].expect(line, "take the line end off, and nothing else");
    }
}

TEST_CASE("server finds every line in bytes that arrive together") {
    const Server server(kStep);
    auto clients = join(server, 2);
    const std::string lines = "one\ntwo\n\nfour\n";
    const std::string hint = "one recv may hold many lines, empty ones too";
    clients[0].send(lines);
    // Their order is the next case's question.
    const std::string heard = clients[1].receive_rest(lines.size(), lab::visible(lines), "", hint);
    for (const std::string line : {"one\n", "two\n", "four\n"})
        if (heard.find(line) == std::string::npos) expect_bytes(lines, heard, hint);
}

TEST_CASE("server keeps the order of one client's lines") {
    const Server server(kStep);
    auto clients = join(server, 2);
    std::string all;
    for (int i = 0; i < 1000; ++i) all += "line " + std::to_string(i) + "\n";
    clients[0].send(all);
    clients[1].expect(all, "one thread reads a client: publish its lines one after the other");
}

TEST_CASE("server goes on for the others when a client leaves") {
    const Server server(kStep);
    auto clients = join(server, 4);
    clients[1].finish();
    clients[1].expect_end("a client that has ended its stream is gone: close the connection");
    clients[2].reset();
    for (int i = 0; i < 10; ++i) {
        clients[0].send("still there?\n");
        clients[3].expect("still there?\n",
                          "a client that left must vanish from the list, under the list's lock");
    }
}

TEST_CASE("server goes on when all its clients have left") {
    const Server server(kStep);
    {
        auto clients = join(server, 2);
        for (Connection& client : clients) {
            client.finish();
            client.expect_end("a client that has ended its stream is gone: close the connection");
        }
    }
    auto clients = join(server, 2);
    clients[0].send("anybody?\n");
    clients[1].expect("anybody?\n", "an empty list is no end: the server goes on with accept");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("server puts a line together that arrives byte by byte") {
    const Server server(kStep);
    auto clients = join(server, 3);
    // Somebody else speaks in the middle: half a line must not have been passed on.
    clients[0].send("hel");
    clients[1].send("between\n");
    clients[2].expect("between\n", "recv gives pieces, not messages: keep a line until its end");
    for (const char byte : std::string("lo\n")) clients[0].send(std::string(1, byte));
    clients[2].expect("hello\n", "recv gives pieces, not messages: keep a line until its end");
}

TEST_CASE("server takes CRLF for a line end and sends LF") {
    const Server server(kStep);
    auto clients = join(server, 2);
    clients[0].send("one\r\ntwo\rthree\r\n");
    clients[1].expect("one\ntwo\rthree\n", "drop a CR before LF, and no other");
}

TEST_CASE("server passes a last line on that has no line end") {
    const Server server(kStep);
    auto clients = join(server, 2);
    clients[0].send("no line end");
    clients[0].finish();
    clients[1].expect("no line end\n",
                      "when recv returns 0, the bytes that are left are the last line");
}

TEST_CASE("server passes bytes that are not UTF-8 on unchanged") {
    const Server server(kStep);
    auto clients = join(server, 2);
    std::string line;
    for (int code = 0; code < 256; ++code)
        if (code != '\n' && code != '\r') line += static_cast<char>(code);
    line += '\n';
    clients[0].send(line);
    clients[1].expect(line, "a line is bytes: do not decode it, nor end it at a zero byte");
}

TEST_CASE("server loses doubles reorders and mixes nothing when 20 clients say 50 lines each") {
    const Server server(kStep);
    constexpr int kClients = 20;
    constexpr int kLines = 50;
    auto clients = join(server, kClients);
    const auto line = [](int client, int number) {
        return std::to_string(client) + " " + std::to_string(number) + " " +
               line_of(10 + static_cast<std::size_t>(client * number) % 500);
    };
    for (int number = 0; number < kLines; ++number) {
        for (int client = 0; client < kClients; ++client)
            clients[static_cast<std::size_t>(client)].send(line(client, number));
    }
    for (int reader = 0; reader < kClients; ++reader) {
        std::map<int, int> next;
        for (int i = 0; i < (kClients - 1) * kLines; ++i) {
            const std::string hint =
                "one lock for the list; one thread at a time sends to a client; lines leave whole";
            const std::string got = clients[static_cast<std::size_t>(reader)].receive_line(hint);
            const int sender = std::atoi(got.c_str());
            expect_bytes(line(sender, next[sender]++), got, hint);
            CHECK(sender != reader);
        }
    }
}

TEST_CASE("server sends each line to all members that stay while others leave") {
    const Server server(kStep);
    Connection speaker = std::move(join(server, 1)[0]);
    for (int round = 0; round < 10; ++round) {
        // Each guest comes before a listener, which may be skipped when the guest is removed.
        std::vector<Connection> guests;
        std::vector<Connection> listeners;
        for (int i = 0; i < 10; ++i) {
            guests.emplace_back(server);
            Connection newcomer(server);
            const std::string line = "listener " + std::to_string(i) + "\n";
            newcomer.send(line);
            speaker.expect(line, "each line goes to all the others");
            for (Connection& listener : listeners)
                listener.expect(line, "each line goes to all the others");
            listeners.push_back(std::move(newcomer));
        }
        std::string lines;
        for (int i = 0; i < 600; ++i) lines += "line " + std::to_string(i) + "\n";
        speaker.send(lines);
        for (Connection& guest : guests) guest.finish();
        for (Connection& listener : listeners) {
            listener.expect(
                lines,
                "a list that changes while a thread walks through it skips a client: "
                "hold its lock for the walk, or walk through a copy made under the lock");
        }
    }
}

TEST_CASE("server lets a client that never reads delay nobody") {
    const Server server(kStep);
    auto clients = join(server, 2);
    const Connection never_reads(server, 4096);
    const std::string line = line_of(60'000);
    for (int i = 0; i < 300; ++i) {
        clients[0].send(line);
        clients[1].expect(line,
                          "a send that waits for one reader must not keep the others waiting");
    }
}

TEST_CASE("server survives clients that reset while they are sent to") {
    const Server server(kStep);
    auto clients = join(server, 2);
    for (int i = 0; i < 50; ++i) {
        Connection rude(server);
        rude.send("hello\n");
        clients[0].expect("hello\n", "each line goes to all the others");
        clients[1].expect("hello\n", "each line goes to all the others");
        clients[0].send("and you?\n");
        rude.reset();
        clients[1].expect("and you?\n", "ignore SIGPIPE; a failed send ends that client only");
    }
}

TEST_CASE("server takes no processor time while nobody says anything") {
    Server server(kStep);
    auto clients = join(server, 3);
    clients.pop_back();
    {
        // One who falls behind and leaves: after that nothing is left to be done for it.
        const Connection slow(server, 4096);
        for (int i = 0; i < 100; ++i) {
            clients[0].send(line_of(60'000));
            clients[1].expect(line_of(60'000), "each line goes to all the others");
        }
    }
    clients[0].send("quiet now\n");
    clients[1].expect("quiet now\n", "each line goes to all the others");
    expect_idle(server, clients[0], 1000ms,
                "poll returns at once, for ever: read the pipe that woke it; a pipe stays readable "
                "until it is read");
}

TEST_SUITE_END();
