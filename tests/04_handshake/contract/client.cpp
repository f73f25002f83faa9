// The contract of the client of 04_handshake: the handshake, and what it says and prints.
#include <doctest/doctest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

std::vector<std::string> client_of(const std::string& port, const std::string& target = "/chat") {
    return url_client_command(kStep, "ws://127.0.0.1:" + port + target);
}

// Answers the next client with `answer`, in which KEY stands for the right accept value. The client
// has to end with exit status 1, and an error that names `fault`.
void expect_refused(const std::string& answer, const std::string& fault,
                    Place place = Place::here()) {
    Listener listener;
    Program client(client_of(listener.port()), Streams::pipes, place);
    Connection server = listener.accept(place);
    const HttpHead request = receive_head(server, "send the request at once", place);
    std::string bytes = answer;
    if (const std::size_t found = bytes.find("KEY"); found != std::string::npos)
        bytes.replace(found, 3, accept_value(request.value("Sec-WebSocket-Key")));
    server.send(bytes, place);
    server.finish();
    client.expect_exit(1, "check each line of the server's answer", kDeadline, place);
    client.expect_error(fault, "say which of them is wrong", place);
}

// The client has sent its close frame: it hears what is still on its way, and the server's own
// close frame ends it.
void expect_orderly_end(Program& client, WebSocket& server, Place place = Place::here()) {
    server.send({.opcode = kText, .payload = "an answer that was on its way"}, place);
    client.expect_output("an answer that was on its way\n",
                         "after its own close frame, a client still hears", place);
    server.send({.opcode = kClose, .payload = close_payload(1000)}, place);
    server.connection().finish();
    client.expect_exit(0, "both close frames were sent: that is an orderly end", kDeadline, place);
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("client asks for the WebSocket with all that RFC 6455 demands") {
    Listener listener;
    Program client(client_of(listener.port(), "/chat?room=1"));
    HttpHead request;
    WebSocket server = accept_websocket(listener, &request);
    expect_bytes("GET /chat?room=1 HTTP/1.1\r\n", request.first_line,
                 "path and query, as in the URL");
    expect_bytes("127.0.0.1:" + listener.port(), request.value("Host"), "host and port of the URL");
    for (const auto& [field, token] :
         {std::pair{"Upgrade", "websocket"}, {"Connection", "Upgrade"}})
        if (!has_token(request.value(field), token))
            fail(std::string(field) + ": " + token, request.fields, "RFC 6455, section 4.1");
    expect_bytes("13", request.value("Sec-WebSocket-Version"), "RFC 6455 section 4.1");
    if (request.value("Sec-WebSocket-Key").size() != 24) {
        fail("a key of 16 bytes in Base64", request.value("Sec-WebSocket-Key"),
             "they are 24 letters");
    }
    server.send({.opcode = kText, .payload = "welcome"});
    client.expect_output("welcome\n", "the WebSocket is open");
}

TEST_CASE("client takes a new key for each connection") {
    std::set<std::string> keys;
    for (int i = 0; i < 2; ++i) {
        Listener listener;
        const Program client(client_of(listener.port()));
        HttpHead request;
        const WebSocket server = accept_websocket(listener, &request);
        keys.insert(request.value("Sec-WebSocket-Key"));
    }
    if (keys.size() < 2) {
        fail("another Sec-WebSocket-Key each time", "twice " + *keys.begin(),
             "RFC 6455, 4.1: the key is 16 random bytes, new ones for each connection");
    }
}

TEST_CASE("client sends each line as a text message and prints each message on a line") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    client.write_input("hello\nПривіт 👋\n\n");
    const std::string hint = "one text frame for a line, masked, without the line end";
    server.expect(kText, "hello", hint);
    server.expect(kText, "Привіт 👋", hint);
    server.expect(kText, "", "an empty line is an empty message");
    server.send({.opcode = kText, .payload = "світе"});
    client.expect_output("світе\n", "print the payload, and a line end");
}

TEST_CASE("client closes with 1000 at exit and waits for the server's close") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    client.write_input("last\nexit\nnever\n");
    server.expect(kText, "last", "earlier messages are sent earlier");
    server.expect(kClose, close_payload(1000), "exit: a close frame with code 1000");
    expect_orderly_end(client, server);
}

TEST_CASE("client closes with 1000 at the end of input") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    client.write_input("hello\nno line end");
    client.end_input();
    server.expect(kText, "hello", "earlier lines are sent earlier");
    server.expect(kText, "no line end", "the last line may lack its line end");
    server.expect(kClose, close_payload(1000), "the end of input is like exit");
    expect_orderly_end(client, server);
}

TEST_CASE("client refuses a server whose accept value does not match its key") {
    expect_refused(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\r\n",
        "Sec-WebSocket-Accept");
}

TEST_SUITE_END();

TEST_SUITE_BEGIN("robust");

TEST_CASE("client refuses an answer that does not open the WebSocket and says why") {
    const std::string opens = "HTTP/1.1 101 Switching Protocols\r\n";
    const std::string accept = "Sec-WebSocket-Accept: KEY\r\n";
    expect_refused("HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n\r\nnothing there\n", "404");
    expect_refused("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\n\r\nfull\n", "full");
    expect_refused(opens + "Connection: Upgrade\r\n" + accept + "\r\n", "Upgrade");
    expect_refused(opens + "Upgrade: websocket\r\n" + accept + "\r\n", "Connection");
    expect_refused(opens + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
                   "Sec-WebSocket-Accept");
    const std::string good = opens + "Upgrade: websocket\r\nConnection: Upgrade\r\n" + accept;
    expect_refused(good + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "extension");
    expect_refused(good + "Sec-WebSocket-Protocol: chat\r\n\r\n", "subprotocol");
    expect_refused("SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/");
    expect_refused(opens + "Upgrade: webs", "handshake");
}

TEST_CASE("client reads an answer that comes byte by byte with a message at its end") {
    Listener listener;
    Program client(client_of(listener.port()));
    Connection connection = listener.accept();
    const HttpHead request = receive_head(connection, "send the request at once");
    const std::string head =
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nCONNECTION: keep-alive, "
        "upgrade\r\n"
        "sec-websocket-accept: " +
        accept_value(request.value("Sec-WebSocket-Key")) + "\r\n\r\n";
    WebSocket server(std::move(connection), End::server);
    server.send_in_pieces(head.substr(0, head.size() - 1), 1);
    std::string rest = head.substr(head.size() - 1);
    rest += bytes_of({.opcode = kText, .payload = "in the same segment"}, End::server);
    server.send_bytes(rest);
    client.expect_output("in the same segment\n", "what follows the empty line is a frame");
}

TEST_CASE("client masks each frame with a key of its own") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    std::string lines;
    for (int i = 0; i < 20; ++i) lines += "the same text\n";
    client.write_input(lines);
    std::set<std::string> keys;
    for (int i = 0; i < 20; ++i) {
        const std::string bytes = server.connection().receive(
            2 + 4 + 13, "FIN and opcode, MASK and length, the masking key, the payload");
        expect_bytes("\x81\x8d", bytes.substr(0, 2), "a text frame of 13 bytes, masked");
        keys.insert(bytes.substr(2, 4));
    }
    if (keys.size() < 20) {
        fail("20 keys", std::to_string(keys.size()),
             "a key that is used again can be guessed: take a fresh random one for each frame");
    }
}

TEST_CASE("client masks with other keys each time it runs") {
    std::set<std::string> keys;
    for (int i = 0; i < 2; ++i) {
        Listener listener;
        Program client(client_of(listener.port()));
        WebSocket server = accept_websocket(listener);
        client.write_input("the same text\n");
        keys.insert(server.connection().receive(2 + 4 + 13, "one frame").substr(2, 4));
    }
    if (keys.size() < 2) {
        fail("another masking key each time", "twice the same",
             "RFC 6455, 5.3: the key cannot be foretold: no fixed seed, no counter");
    }
}

TEST_CASE("client answers pings and puts fragments together") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    server.send({.opcode = kText, .payload = "При\xd0", .fin = false});
    server.send({.opcode = kPing, .payload = "are you there?"});
    server.expect(kPong, "are you there?", "a pong has the payload of its ping");
    server.send({.opcode = kContinuation, .payload = "\xb2іт", .fin = true});
    client.expect_output("Привіт\n", "a message may be cut into frames anywhere");
}

TEST_CASE("client answers the server's close with the same code and tells its reason") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    server.send({.opcode = kClose, .payload = close_payload(1001, "до завтра")});
    server.expect(kClose, close_payload(1001), "the close frame is answered with its code");
    server.connection().finish();
    client.expect_exit(1, "the client did not want to leave");
    client.expect_error("1001, до завтра", "say code and reason");
}

TEST_CASE("client says that the server has left without a close frame") {
    for (const bool reset : {false, true}) {
        Listener listener;
        Program client(client_of(listener.port()));
        WebSocket server = accept_websocket(listener);
        if (reset) {
            server.connection().reset();
        } else {
            server.connection().finish();
        }
        client.expect_exit(1, "the end of TCP alone is not the end of a WebSocket");
    }
}

TEST_CASE("client closes with 1002 or 1007 when the server breaks the rules") {
    struct Breach {
        Frame frame;
        int code;
    };
    const std::vector<Breach> breaches{
        {{.opcode = kText, .payload = "masked", .masked = true}, 1002},
        {{.opcode = kText, .payload = "x", .reserved = 4}, 1002},
        {{.opcode = 3, .payload = "x"}, 1002},
        {{.opcode = kPing, .payload = std::string(126, 'x')}, 1002},
        {{.opcode = kContinuation, .payload = "x"}, 1002},
        {{.opcode = kText, .payload = "\xff"}, 1007},
        {{.opcode = kClose, .payload = close_payload(1005)}, 1002},
        {{.opcode = kBinary, .payload = "", .announced = 1ULL << 40}, 1009},
    };
    for (const auto& [frame, code] : breaches) {
        Listener listener;
        Program client(client_of(listener.port()));
        WebSocket server = accept_websocket(listener);
        server.send(frame);
        server.expect_close(code, "check frames as strictly as the server does");
        client.expect_exit(1, "a server that breaks the rules is an error");
    }
}

TEST_CASE("client gets a message of a mebibyte back while it is still sending it") {
    const Server server(kStep);
    Program client(client_of(server.port()));
    const std::string line = text_of(1 << 20);
    client.write_input(line + "\nexit\n");
    client.expect_exit(0, "read and write at once: neither side may wait for the other");
    expect_bytes(line + "\n", client.output(), "no byte may be lost");
}

TEST_CASE("client does not send a line that is not UTF-8 and goes on") {
    Listener listener;
    Program client(client_of(listener.port()));
    WebSocket server = accept_websocket(listener);
    client.write_input("one\nhalf \xd0\nthree\n");
    server.expect(kText, "one", "the first line");
    server.expect(kText, "three", "the next line after the one that is no text");
    client.expect_error("line 2", "say which line was not sent");
}

TEST_CASE("client says that nobody listens") {
    Program client(client_of(free_port()));
    client.expect_exit(1, "an error of connect");
    client.expect_error("04_handshake: connect 127.0.0.1:", "one line: what, and the reason");
}

TEST_CASE("client shows control characters on a terminal by their numbers") {
    Listener listener;
    Program client(client_of(listener.port()), Streams::terminal);
    WebSocket server = accept_websocket(listener);
    server.send({.opcode = kText, .payload = "\x1b[2Jbad\x07"});
    client.expect_output("\\x1b[2Jbad\\x07\r\n",
                         "a stranger's text must not move the cursor or ring the bell");
}

TEST_SUITE_END();
