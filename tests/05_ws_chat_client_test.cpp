// The contract of the client of 05_ws_chat.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/support/chat.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/websocket_peer.hpp"

using namespace lab::test;
using namespace std::chrono_literals;

namespace {

const std::string kStep = "05_ws_chat";

std::vector<std::string> command(const std::string& url,
                                 const std::vector<std::string>& options = {}) {
    std::vector<std::string> words{path_of(kStep), "client", url};
    words.insert(words.end(), options.begin(), options.end());
    return words;
}

std::string url_of(const std::string& port) {
    return "ws://127.0.0.1:" + port + "/ws";
}

// The client, and the tests' own server, which says what a case wants.
struct Conversation {
    Listener listener;
    Program client;
    HttpHead request;
    WebSocket server;
    explicit Conversation(const std::vector<std::string>& options = {},
                          Streams streams = Streams::pipes)
        : client(command(url_of(listener.port()), options), streams),
          server(accept_websocket(listener, &request)) {}

    // What the client said comes back, as it does from a chat.
    void hear_and_repeat(const std::string& text, const std::string& name = "User") {
        server.expect(kText, text, "send each line as a text message");
        server.send({.payload = name + ": " + text});
    }
};

// The client sends its close frame, gets ours, and ends in peace.
void expect_farewell(Conversation& talk, Place place = Place::here()) {
    const WebSocket::Arrived frame = talk.server.receive("leave with a close frame", place);
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(1000)))
        fail("a close frame with 1000", lab::visible(frame.payload), "1000 is a normal end", place);
    talk.server.send({.opcode = kClose, .payload = close_payload(1000)}, place);
    talk.server.connection().finish();
    talk.client.expect_exit(0, "the conversation is over", kDeadline, place);
}

// A server that refuses the client.
void expect_refusal_shown(const std::string& answer, const std::vector<std::string>& words,
                          Place place = Place::here()) {
    Listener listener;
    Program client(command(url_of(listener.port())));
    Connection server = listener.accept(place);
    receive_head(server, "send a request", place);
    server.send(answer, place);
    server.finish();
    client.expect_exit(1, "who is refused will be refused again: exit 1, no retry", kDeadline,
                       place);
    for (const std::string& word : words)
        client.expect_error(word, "say which refusal it was, and why", place);
}

// A certificate for localhost that vouches for itself, in a directory that vanishes.
struct Certificate {
    std::filesystem::path directory;
    std::string certificate, key;
    bool made = false;
    Certificate() {
        std::string pattern = (std::filesystem::temp_directory_path() / "lab-XXXXXX").string();
        if (!mkdtemp(pattern.data())) return;
        directory = pattern;
        certificate = directory / "cert.pem";
        key = directory / "key.pem";
        made = std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 "
                            "-nodes -days 2 -subj /CN=localhost "
                            "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " +
                            key + " -out " + certificate + " 2>/dev/null")
                               .c_str()) == 0;
    }
    ~Certificate() { std::filesystem::remove_all(directory); }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;
};

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
    expect_farewell(talk);
}

TEST_CASE("client reads a file as it reads a terminal") {
    const Server server(kStep);
    std::string lines;
    std::string heard;
    for (int i = 0; i < 60; ++i) {
        lines += "line " + std::to_string(i) + "\n";
        heard += "User: line " + std::to_string(i) + "\n";
    }
    const std::string script =
        R"(printf '%s' "$1" > "$2"; "$0" client "$3" < "$2"; status=$?; rm "$2"; exit $status)";
    Program client({"sh", "-c", script, path_of(kStep), lines, "/tmp/lab-input-" + server.port(),
                    url_of(server.port())});
    client.expect_exit(0, "the end of the file is the end of the input");
    client.expect_output(heard, "all of it came back before the client left");
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
    expect_farewell(talk);
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
    talk.client.expect_exit(0, "what still comes after the close frame is of no interest");
}

TEST_CASE("client that is refused says which and why and exits with 1") {
    expect_refusal_shown(
        "HTTP/1.1 503 Service Unavailable\r\nX-Reason: the chat is full\r\nContent-Length: 0\r\n"
        "Connection: close\r\n\r\n",
        {"503", "the chat is full"});
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
                         "what was typed without a connection is sent when there is one");
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
}

TEST_CASE("client says that nobody listens and exits with 1") {
    Program client(command(url_of(free_port())));
    client.expect_exit(1, "there never was a connection: an error, exit 1");
    client.expect_error("05_ws_chat: ", "one line on stderr says what happened");
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
    talk.client.end_input();
    talk.client.expect_error("next try in", "the connection is lost");
}

TEST_CASE("client and server talk through TLS with a certificate that --ca names") {
    const Certificate own;
    if (!own.made) return skip("openssl");
    const Server server(kStep, {"--cert", own.certificate, "--key", own.key});
    const std::string url = "wss://localhost:" + server.port() + "/ws";
    Program client(command(url, {"--ca", own.certificate, "--name", "Ада"}));
    client.write_input("Привіт\n");
    client.expect_output("Ада: Привіт\n", "wss:// is the same chat inside TLS");
    client.end_input();
    client.expect_exit(0, "the conversation is over");
}

TEST_CASE("client does not trust a certificate that nobody vouches for") {
    const Certificate own;
    if (!own.made) return skip("openssl");
    const Certificate other;
    const Server server(kStep, {"--cert", own.certificate, "--key", own.key});
    const std::string& port = server.port();
    Program stranger(command("wss://localhost:" + port + "/ws"));
    stranger.expect_exit(1, "without --ca only the system's authorities are trusted");
    Program wrong(command("wss://localhost:" + port + "/ws", {"--ca", other.certificate}));
    wrong.expect_exit(1, "another certificate does not vouch for this server");
    Program plain(command(url_of(port)));
    plain.expect_exit(1, "a server with a certificate speaks TLS only");
}

TEST_CASE("client exits with 2 and shows the usage line when its command line is wrong") {
    const std::vector<std::vector<std::string>> bad{
        {"client", "--name"}, {"client", "--host", "x"}, {"client", "ws://a/", "extra"}};
    for (std::vector<std::string> words : bad) {
        words.insert(words.begin(), path_of(kStep));
        Program program(words);
        program.expect_exit(2, "bad usage: exit 2");
        program.expect_error("usage: 05_ws_chat client", "show how it is used");
    }
}

TEST_SUITE_END();
