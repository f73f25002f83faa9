// The contract of the client of 05_ws_chat: its options, TLS, and what a stranger may do to it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/05_ws_chat/support/certificate.hpp"
#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/05_ws_chat/support/client.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"

using namespace lab::test;
using namespace lab::test::chat_client;

TEST_SUITE_BEGIN("full");

TEST_CASE("client percent-encodes the name and the token") {
    Conversation talk({"--name", "Ада & co", "--token", "s3cret+/="});
    const std::string expected = "name=%D0%90%D0%B4%D0%B0%20%26%20co&token=s3cret%2B%2F%3D";
    if (talk.request.first_line != "GET /ws?" + expected + " HTTP/1.1\r\n")
        fail("GET /ws?" + expected, lab::visible(talk.request.first_line, 200), "RFC 3986, 2.1");
    talk.client.write_input("hello\nexit\n");
    talk.hear_and_repeat("hello", "Ада & co");
    expect_farewell(talk);
}

TEST_CASE("client without the right token says 401 and never shows the token") {
    const Server server(kStep, {"--token", "right"});
    Program client(command(url_of(server.port()), {"--token", "s3cret", "--trace"}));
    client.expect_exit(1, "refused with 401: exit 1, no retry");
    client.expect_error("401", "say which refusal it was");
    client.expect_error("token", "and why");
    if (client.errors().find("s3cret") != std::string::npos)
        fail("no token on stderr", client.errors(), "logs are kept, copied and shown");
}

TEST_CASE("client says 503 when the chat is full") {
    const Server server(kStep, {"--max-clients", "1"});
    auto members = enter(server, 1);
    Program client(command(url_of(server.port())));
    client.expect_exit(1, "refused with 503: exit 1, no retry");
    client.expect_error("503", "say which refusal it was");
}

TEST_CASE("client on a terminal makes control characters visible that others send") {
    Conversation talk({}, Streams::terminal);
    talk.server.send({.payload = "Bob: \x1b[2J\x07 gone?"});
    talk.client.expect_output("Bob: \\x1b[2J\\x07 gone?\r\n",
                              "a stranger's escape sequences must not reach the terminal");
}

TEST_CASE("client prints a message on one line, whatever is in it, and isolates its name") {
    Conversation in_pipe;
    in_pipe.server.send({.payload = "Bob: hi\nAlice: yes"});
    in_pipe.client.expect_output("Bob: hi\\nAlice: yes\n", "nobody speaks in another's name");
    Conversation talk({}, Streams::terminal);
    talk.server.send({.payload = "דוד: hi\r\nAlice: \u202Eyes\u2028"});
    talk.client.expect_output(
        "\u2068דוד\u2069: hi\\r\\nAlice: \\xe2\\x80\\xaeyes\\xe2\\x80\\xa8\r\n",
        "FSI and PDI around the name; no line ends, nothing that turns the line around");
}

TEST_CASE("client leaves at the word exit in capitals too") {
    Conversation talk;
    talk.client.write_input("EXIT\n");
    expect_farewell(talk);
}

TEST_CASE("trace shows what the client sends and receives") {
    Conversation talk({"--trace"});
    talk.client.write_input("hello\n");
    talk.hear_and_repeat("hello");
    const std::string peer = "127.0.0.1:" + talk.listener.port();
    talk.client.expect_error("→ " + peer, "sent");
    talk.client.expect_error("← " + peer, "received");
    talk.client.expect_error("User: hello", "the text itself");
}

TEST_CASE("client ends the connection over a message that never ends") {
    Conversation talk;
    const std::string piece(1 << 20, 'x');
    talk.server.send({.payload = piece, .fin = false});
    for (int i = 0; i < 100; ++i)
        talk.server.send({.opcode = kContinuation, .payload = piece, .fin = false});
    talk.server.connection().receive_to_end("bound what you gather: end the connection");
    talk.client.expect_error("next try in", "the connection is lost");
    WebSocket again = accept_websocket(talk.listener);
    again.send({.payload = "short"});
    talk.client.expect_output("short\n", "a new connection has nothing to do with the old one");
}

TEST_CASE("client and server talk through TLS with a certificate that --ca names") {
    const Certificate own;
    if (!own.made()) return skip("openssl", "openssl");
    const Server server(kStep, {"--cert", own.file(), "--key", own.key()});
    const std::string url = "wss://localhost:" + server.port() + "/ws";
    Program client(command(url, {"--ca", own.file(), "--name", "Ада"}));
    client.write_input("Привіт\n");
    client.expect_output("Ада: Привіт\n", "wss:// is the same chat inside TLS");
    client.end_input();
    client.expect_exit(0, "the conversation is over");
}

TEST_CASE("client does not trust a certificate that nobody vouches for") {
    const Certificate own;
    if (!own.made()) return skip("openssl", "openssl");
    const Certificate other;
    const Server server(kStep, {"--cert", own.file(), "--key", own.key()});
    const std::string& port = server.port();
    Program stranger(command("wss://localhost:" + port + "/ws"));
    stranger.expect_exit(1, "without --ca only the system's authorities are trusted");
    Program wrong(command("wss://localhost:" + port + "/ws", {"--ca", other.file()}));
    wrong.expect_exit(1, "another certificate does not vouch for this server");
    Program plain(command(url_of(port)));
    plain.expect_exit(1, "a server with a certificate speaks TLS only");
}

TEST_CASE("client exits with 2 and shows the usage line when its command line is wrong") {
    expect_bad_usage(
        kStep, {{"client", "--name"}, {"client", "--host", "x"}, {"client", "ws://a/", "extra"}},
        "usage: 05_ws_chat client");
}

TEST_CASE("programs without some of the descriptors 0 to 2 do what they always do") {
    expect_closed_descriptors_harmless(
        kStep,
        [](const Server& server) {
            return url_client_command(kStep, "ws://127.0.0.1:" + server.port() + "/ws");
        },
        "User: hello\n");
}

TEST_SUITE_END();
