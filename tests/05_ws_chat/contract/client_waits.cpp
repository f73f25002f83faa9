// The contract of the client of 05_ws_chat: how long it waits, what it tries again, and what it
// says when not all was done.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/client.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/output.hpp"
#include "tests/support/program.hpp"

using namespace lab::test;
using namespace lab::test::chat_client;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

namespace {

void close_at_once(WebSocket& server, int code) {
    server.send({.opcode = kClose, .payload = close_payload(code)});
    server.connection().finish();
}

// Answers the client's next try with a refusal, and returns when: what it does then, comes later.
Clock::time_point refuse_next(Conversation& talk, const std::string& status,
                              const std::string& fields = "") {
    Connection connection = talk.listener.accept();
    receive_request(connection, "try again");
    const auto begin = Clock::now();
    connection.send("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\nConnection: close\r\n" +
                    fields + "\r\n");
    connection.finish();
    return begin;
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("client waits longer each time where a connection is opened and closed at once") {
    Conversation talk;
    const auto begin = Clock::now();
    close_at_once(talk.server, 1013);
    for (int i = 0; i < 3; ++i) {
        WebSocket again = accept_websocket(talk.listener);
        close_at_once(again, 1013);
    }
    // At least 0.25 s, 0.5 s and 1 s.
    if (Clock::now() - begin < 1700ms)
        fail("1.75 s for three tries", "less", "only a connection that lasts is a success");
}

TEST_CASE("client that was connected goes on after refusals that can pass") {
    Conversation talk;
    talk.server.connection().finish();
    refuse_next(talk, "502 Bad Gateway");
    talk.client.expect_error("refused: 502", "say why it does not come back at once");
    const auto begin = refuse_next(talk, "503 Service Unavailable", "Retry-After: 2\r\n");
    WebSocket again = accept_websocket(talk.listener);
    if (Clock::now() - begin < 1900ms) fail("2 s", "less", "RFC 9110, 10.2.3: Retry-After");
    again.send({.payload = "Ada: hi"});
    talk.client.expect_output("Ada: hi\n", "go on");
}

TEST_CASE("client that was connected gives up after a refusal that cannot pass") {
    Conversation talk;
    talk.server.connection().finish();
    refuse_next(talk, "401 Unauthorized");
    talk.client.expect_exit(1, "401 says no, and will say no again");
    talk.client.expect_error("401", "say which refusal it was");
}

TEST_CASE("client sends all lines before one that is too long and exits with 1") {
    Conversation talk;
    // The end of it fits into the pipe: the client reads no more than it has to.
    talk.client.write_input("one\n" + std::string(1'080'000, 'x'));
    talk.hear_and_repeat("one");
    const WebSocket::Arrived frame = talk.server.receive("leave with a close frame");
    CHECK(frame.opcode == kClose);
    close_at_once(talk.server, 1000);
    talk.client.expect_exit(1, "a line was not sent: no success");
    talk.client.expect_error("too long", "say what was not sent");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("client gives up a server that accepts the connection and says nothing") {
    Listener listener;
    Program client(command(url_of(listener.port()), {"--timeout", "2"}));
    const Connection silent = listener.accept();
    client.expect_exit(1, "a handshake has a time limit");
    client.expect_error("no answer in 2 s", "say why it gives up");
}

TEST_CASE("client waits for a slow server as long as it was told to") {
    Listener listener;
    const auto begin = Clock::now();
    Program client(command(url_of(listener.port()), {"--timeout", "7"}));
    const Connection silent = listener.accept();
    client.expect_exit(1, "a handshake has a time limit");
    client.expect_error("no answer in 7 s", "this is the limit, and not one of the library's");
    if (Clock::now() - begin < 6900ms) fail("7 s", "less", "a slow server may still answer");
}

TEST_CASE("client says at once that the name of its server is not found") {
    // The name is reserved: RFC 6761, section 6.4. The machine's name server may not answer at all:
    // resolv.conf(5).
    std::vector<std::string> words = command("ws://no-such-name.invalid:8000/ws");
    words.insert(words.begin(), {"env", "RES_OPTIONS=timeout:1 attempts:1"});
    Program client(words);
    client.expect_exit(1, "a lookup that fails has no connection to wait for");
    // libwebsockets 4.1.6 tells nothing, and the client says it itself; 4.3.5 says "DNS NXDOMAIN".
    client.expect_error("no-such-name.invalid:8000: ", "say which name it is, and why");
}

TEST_CASE("client notices that its server has vanished without a word") {
    Conversation talk({"--timeout", "6"});
    // This connection stays open, and nothing comes on it: neither a pong nor FIN.
    const WebSocket silent = std::exchange(talk.server, accept_websocket(talk.listener));
    talk.client.expect_error("the connection is lost", "ping a server that is silent");
    talk.server.send({.payload = "Ada: hi"});
    talk.client.expect_output("Ada: hi\n", "come back");
}

TEST_CASE("client that prints to a full disk says so and exits with 1") {
    expect_lost_output_told(kStep, {{"--help"}, {"client", "--help"}, {"server", "--port", "0"}});
    Listener listener;
    Program client(onto_full_disk(command(url_of(listener.port()))));
    WebSocket server = accept_websocket(listener);
    server.send({.payload = "Ada: hi"});
    expect_full_disk_told(kStep, client);
}

TEST_CASE("client leaves at once when nobody reads what it prints") {
    Listener listener;
    Program client(into_head(command(url_of(listener.port()))));
    WebSocket server = accept_websocket(listener);
    server.send({.payload = "Ada: hi"});
    expect_end_without_reader(client, "Ada: hi\n");
}

TEST_SUITE_END();
