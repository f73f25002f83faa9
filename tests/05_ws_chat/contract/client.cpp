// The contract of the client of 05_ws_chat: what it says and prints, and how it leaves and comes
// back.
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/client.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::chat_client;
using namespace std::chrono_literals;

namespace {

void expect_refusal_shown(const std::string& answer, const std::vector<std::string>& words,
                          Place place = Place::here()) {
    Listener listener;
    Program client(command(url_of(listener.port())));
    expect_refusal_shown(listener, client, answer, words, place);
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("client sends each line as a message and prints what arrives") {
    Conversation talk;
    talk.client.write_input("Привіт 👋\n");
    talk.server.expect(kText, "Привіт 👋", "a line is a text message, without its end");
    talk.server.send({.payload = "Ада: Добрий день"});
    talk.client.expect_output("Ада: Добрий день\n", "print each message on a line, and flush");
}

TEST_CASE("client leaves at the word exit") {
    Conversation talk;
    talk.client.write_input("bye\nexit\nnever sent\n");
    talk.hear_and_repeat("bye");
    expect_farewell(talk);
}

TEST_CASE("client leaves at the end of its input after its own messages have come back") {
    Conversation talk;
    talk.client.write_input("one\ntwo");
    talk.client.end_input();
    talk.hear_and_repeat("one");
    talk.hear_and_repeat("two");
    expect_farewell(talk);
    talk.client.expect_output("User: one\nUser: two\n", "print what came before the end");
}

TEST_CASE("client leaves as soon as its own messages have come back") {
    for (const bool ends_before : {true, false}) {
        Conversation talk;
        talk.client.write_input("one\n");
        if (ends_before) talk.client.end_input();
        talk.hear_and_repeat("one");
        if (!ends_before) {
            talk.client.expect_output("User: one\n", "print what arrives");
            talk.client.end_input();
        }
        const auto begin = std::chrono::steady_clock::now();
        const bool leaves = talk.server.connection().wait_for_bytes(kDeadline);
        if (!leaves || took_longer(std::chrono::steady_clock::now() - begin, 1500ms))
            fail("a close frame at once", "it waited", "without a name one is `User`");
        expect_farewell(talk);
        talk.client.expect_output("User: one\n", "print what arrives");
    }
}

TEST_CASE("two clients talk through the server") {
    const Server server(kStep);
    Program ada(command(url_of(server.port()), {"--name", "Ада"}));
    ada.write_input("Привіт\n");
    ada.expect_output("Ада: Привіт\n", "everyone hears a message, the sender too");
    Program bob(command(url_of(server.port()), {"--name", "Bob & Co"}));
    bob.write_input("hello\n");
    bob.expect_output("Bob & Co: hello\n", "percent-encode the name");
    ada.expect_output("Ада: Привіт\nBob & Co: hello\n", "everyone hears a message");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("client leaves after 2 s at most although its messages do not come back") {
    Conversation talk;
    talk.client.write_input("hello?\n");
    talk.server.expect(kText, "hello?", "send each line");
    talk.client.end_input();
    expect_farewell(talk, 1);
    talk.client.expect_error("not known whether it was said",
                             "only a message that comes back was said");
}

TEST_CASE("client reads a file as it reads a terminal") {
    // This server takes messages at any pace, so the case looks at the time. With the usual limit,
    // a server that stood still would find too many at once.
    const Server server(kStep, {"--rate", "0"});
    std::string lines;
    std::string heard;
    for (int i = 0; i < 220; ++i) {
        lines += "line " + std::to_string(i) + "\n";
        heard += "User: line " + std::to_string(i) + "\n";
    }
    const ScratchDirectory directory;
    std::ofstream(directory.file("lines")) << lines;
    const auto begin = std::chrono::steady_clock::now();
    Program client({"sh", "-c", R"(exec "$0" client "$1" < "$2")", path_of(kStep),
                    url_of(server.port()), directory.file("lines")});
    client.expect_exit(0, "the end of the file is the end");
    client.expect_output(heard, "all of it came back before the client left");
    // 100 at once, and then 50 a second.
    if (std::chrono::steady_clock::now() - begin < 2300ms)
        fail("220 lines in 2.4 s", "less", "no faster than a server allows by default: --rate");
}

TEST_CASE("client puts fragments together and answers pings between them") {
    Conversation talk;
    talk.server.send({.payload = "Bob: one, ", .fin = false});
    talk.server.send({.opcode = kPing, .payload = "there?"});
    talk.server.expect(kPong, "there?", "answer a ping also between fragments");
    talk.server.send({.opcode = kContinuation, .payload = "two"});
    talk.client.expect_output("Bob: one, two\n", "print a message when it is whole");
}

TEST_CASE("client does not send a line that is not UTF-8 and says so") {
    Conversation talk;
    talk.client.write_input("\xff\xfe\nfine\n");
    talk.hear_and_repeat("fine");
    talk.client.expect_error("UTF-8", "text has to be UTF-8: say that the line was not sent");
    talk.client.write_input("exit\n");
    expect_farewell(talk, 1);
}

TEST_CASE("client that loses the connection while it leaves says so and exits with 1") {
    Conversation talk;
    talk.client.write_input("hello?\n");
    talk.server.expect(kText, "hello?", "send each line");
    talk.client.end_input();
    talk.server.connection().finish();
    talk.server.connection().receive_to_end("the connection is over");
    talk.client.expect_exit(1, "nobody knows whether it was said: no peace, and no next try");
    talk.client.expect_error("not known whether it was said", "say what is in doubt");
}

TEST_CASE("client whose input ends while it is not connected exits with 1") {
    Conversation talk;
    talk.server.connection().finish();
    talk.client.expect_error("next try in", "say that the connection is lost");
    talk.client.end_input();
    talk.client.expect_exit(1, "there is nothing left to say: do not wait for the server");
}

TEST_CASE("client closes with 1007 when the server sends text that is not UTF-8") {
    Conversation talk;
    talk.server.send({.payload = "Bob: \xff"});
    const WebSocket::Arrived frame = talk.server.receive("RFC 6455, 8.1: text is UTF-8");
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1007)))
        fail("a close frame with 1007", lab::visible(frame.payload), "RFC 6455, 8.1");
}

TEST_CASE("client leaves in the middle of a message that arrives") {
    Conversation talk;
    const std::string large =
        bytes_of({.opcode = kBinary, .payload = text_of(1 << 20)}, End::server);
    talk.server.send_bytes(large.substr(0, 100'000));
    talk.client.write_input("exit\n");
    const WebSocket::Arrived frame = talk.server.receive("leave with a close frame");
    if (frame.opcode != kClose) fail("a close frame", frame.payload, "leave with a close frame");
    talk.server.send_bytes(large.substr(100'000));
    talk.server.send({.opcode = kClose, .payload = close_payload(1000)});
    talk.server.connection().finish();
    talk.client.expect_exit(0, "everything after the close frame is ignored");
}

TEST_CASE("client that is refused says which and why and exits with 1") {
    expect_refusal_shown(
        "HTTP/1.1 503 Service Unavailable\r\nX-Reason: the chat is full\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n",
        {"503", "the chat is full"});
    expect_refusal_shown(
        "HTTP/1.1 403 Forbidden\r\nX-Reason: go \x1b[2J away\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n",
        {"403", "go \\x1b[2J away"});
    const Server server(kStep);
    Program client(command(url_of(server.port()), {"--name", std::string(33, 'x')}));
    client.expect_exit(1, "refused with 400: exit 1");
    client.expect_error("400", "say which refusal it was");
    client.expect_error("32", "and why");
}

TEST_CASE("client comes back when the server does and says how long until the next try") {
    std::string port;
    std::optional<Server> server(std::in_place, kStep);
    port = server->port();
    Program client(command(url_of(port)));
    client.write_input("one\n");
    client.expect_output("User: one\n", "the chat goes on");
    server.reset();
    client.expect_error("next try in", "say that the connection is lost, and when it tries again");
    client.write_input("typed meanwhile\n");
    Server again({path_of(kStep), "server", "--port", port});
    client.expect_output("User: one\nUser: typed meanwhile\n",
                         "a line typed without a connection is sent when there is one");
    client.write_input("exit\n");
    client.expect_exit(0, "the conversation is over");
}

TEST_CASE("client comes back after the server has said 1001") {
    Conversation talk;
    talk.server.send({.opcode = kClose, .payload = close_payload(1001)});
    talk.server.connection().finish();
    WebSocket again = accept_websocket(talk.listener);
    talk.client.write_input("back\n");
    again.expect(kText, "back", "reconnect: 1001 says that this server goes, not that we must");
    again.send({.payload = "half of a ", .fin = false});
    again.connection().finish();
    talk.client.expect_error("the connection is lost", "this time the server has said nothing");
    WebSocket third = accept_websocket(talk.listener);
    third.send({.payload = "message"});
    talk.client.expect_output("message\n", "a cut-off message is not put before the next one");
    const std::string errors = talk.client.errors();
    const std::string next = "next try in ";
    const std::string wait = errors.substr(errors.rfind(next) + next.size());
    if (std::stoi(wait) > 1000)
        fail("at most 1000 ms", wait, "the second wait is at most twice as long as the first");
}

TEST_CASE("client says that nobody listens and exits with 1") {
    Program client(command(url_of(free_port())));
    client.expect_exit(1, "there never was a connection: an error, exit 1");
    client.expect_error("05_ws_chat: ", "one line on stderr says what happened");
    const std::string errors = client.errors();
    if (errors.find('\n') + 1 != errors.size())
        fail("one line", errors, "a reason that comes from elsewhere may end with a line end");
}

TEST_CASE("client exits with 1 when the URL is none and says why") {
    for (const std::string url :
         {"http://localhost:8000/ws", "localhost:8000", "ws://", "ws://localhost:70000/ws",
          "ws://localhost:port/ws", "ws://[::1/ws", "ws://localhost/a b"}) {
        Program client(command(url));
        client.expect_exit(1, "say what is wrong with the address: exit 1");
        client.expect_error("05_ws_chat: ", "one line on stderr says what is wrong");
    }
}

TEST_SUITE_END();
