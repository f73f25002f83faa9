// Tests of the messages that are found in a stream, and of the fields of each.
#include <doctest/doctest.h>

#include <sstream>
#include <string>

#include "04_handshake/frame.hpp"
#include "04_handshake/handshake.hpp"
#include "tests/wire/support/talk.hpp"

using namespace lab::test;

namespace {

const std::string kKey = "dGhlIHNhbXBsZSBub25jZQ==";
const std::string kUpgrade = websocket::handshake_request("127.0.0.1:8004", "/chat", kKey);
const std::string kAccept =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
const std::string kStream =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

// RFC 6455, section 5.7: a masked "Hello".
const std::string kHello = "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";

// However the talk is cut, these messages come out.
void expect(const std::vector<Said>& talk, const std::string& expected) {
    for (const std::size_t size : {std::size_t{1'000'000}, std::size_t{7}, std::size_t{1}}) {
        CAPTURE(size);
        CHECK(words(messages_in(talk, size)) == expected);
    }
}

std::string chunk(const std::string& content) {
    std::ostringstream size;
    size << std::hex << content.size();
    return size.str() + "\r\n" + content + "\r\n";
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("lines are found in both directions, and the last one without its end") {
    expect({{kClient, "hello\nПривіт\r\n"}, {kServer, "hello\n"}, {kClient, "cut"}},
           "→ line: 6 bytes \"hello\n\"\n→ line: 14 bytes \"Привіт\r\n\"\n"
           "← line: 6 bytes \"hello\n\"\n→ line: 3 bytes \"cut\" (it has no line end)\n");
    const auto messages = messages_in({{kClient, "Привіт\r\n"}}, 5);
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].pieces == 3);
    CHECK(fields(messages[0]) == "0+12 line: Привіт\n12+2 line end: \\r\\n\n");
    REQUIRE(messages[0].tables.size() == 1);
    CHECK(messages[0].tables[0].rows[0] ==
          std::vector<std::string>{"П", "U+041F", "d0 9f", "110 10000 · 10 011111"});
}

TEST_CASE("after a line that is too long, bytes are shown as they come") {
    const auto messages = messages_in({{kClient, std::string(70'000, 'x')}, {kClient, "rest\n"}});
    CHECK(messages.size() == 2);
    CHECK(messages[0].size == 70'000);
    CHECK(messages[0].bytes.size() == wire::Message::kMaxKept);
    CHECK(words(messages[1]) == "→ bytes: 5 bytes \"rest\n\"");
}

TEST_CASE("requests and responses are found, pipelined ones too") {
    const std::string get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
    const std::string post = "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi";
    const std::string head = "HEAD /c HTTP/1.1\r\nHost: h\r\n\r\n";
    expect({{kClient, get + post + head},
            {kServer,
             "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"
             "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes"
             "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n"
             "HTTP/1.0 404 Not Found\r\n\r\nuntil the end"}},
           "→ HTTP request: GET /a HTTP/1.1\n→ HTTP request: POST /b HTTP/1.1 \"hi\"\n"
           "→ HTTP request: HEAD /c HTTP/1.1\n← HTTP response: 100 Continue\n"
           "← HTTP response: 204 No Content\n← HTTP response: 200 OK \"yes\"\n"
           "← HTTP response: 200 OK\n← HTTP response: 404 Not Found \"until the end\"\n");
}

TEST_CASE("the fields of a request are its line, its header fields and its body") {
    const auto messages =
        messages_in({{kClient, "POST /b HTTP/1.1\r\nHost:  h \r\nContent-Length: 2\r\n\r\nhi"}});
    REQUIRE(messages.size() == 1);
    CHECK(fields(messages[0]) ==
          "0+4 method: POST\n5+2 target: /b\n8+8 version: HTTP/1.1\n18+9 Host: h\n"
          "29+17 Content-Length: 2\n48+2 empty line: \\r\\n\n50+2 body: hi\n");
    CHECK(messages[0].fields[3].source == "RFC 9110, 7.2");
}

TEST_CASE("a response says how long its request has waited") {
    const auto messages = messages_in({{kClient, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"},
                                       {kServer, "HTTP/1.1 204 No Content\r\n\r\n"}});
    REQUIRE(messages.size() == 2);
    CHECK(messages[1].after == std::chrono::seconds(1));
}

TEST_CASE("the sizes of chunks are fields beside their content") {
    for (const std::size_t size : {1000U, 1U}) {
        const auto messages =
            messages_in({{kServer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                       chunk("hello") + chunk("you") + "0\r\n\r\n"}},
                        size);
        REQUIRE(messages.size() == 1);
        CHECK(messages[0].text == "helloyou");
        const std::string all = fields(messages[0]);
        CHECK_MESSAGE(all.ends_with("47+3 chunk size: 5\n50+5 content of a chunk: hello\n"
                                    "55+2 chunk end: \\r\\n\n57+3 chunk size: 3\n"
                                    "60+3 content of a chunk: you\n63+2 chunk end: \\r\\n\n"
                                    "65+3 chunk size: 0\n68+2 chunk end: \\r\\n\n"),
                      all);
    }
}

TEST_CASE("after the handshake there are frames, and the accept value is worked out") {
    const std::vector<Said> talk{
        {kClient, kUpgrade},
        {kServer, kAccept + "\x81\x02hi"},
        {kClient, kHello + std::string("\x88\x82\x01\x02\x03\x04\x02\xea", 8)},
        {kServer, std::string("\x88\x02\x03\xe8", 4)}};
    expect(talk,
           "→ HTTP request: GET /chat HTTP/1.1\n← HTTP response: 101 Switching Protocols\n"
           "← frame: text frame \"hi\"\n→ frame: text frame \"Hello\"\n"
           "→ frame: close frame: 1000\n← frame: close frame: 1000\n");
    const auto messages = messages_in(talk);
    REQUIRE(messages[1].tables.size() == 1);
    CHECK(messages[1].tables[0].rows[3][1] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    CHECK(messages[1].tables[0].rows[5][1].find("the same") != std::string::npos);
    CHECK(fields(messages[3]) ==
          "0+1 FIN: 1... ....\n0+1 RSV1, RSV2, RSV3: .000 ....\n0+1 opcode: .... 0001\n"
          "1+1 MASK: 1... ....\n1+1 payload length: .000 0101\n2+4 masking key: 37 fa 21 3d\n"
          "6+5 payload: Hello\n");
    REQUIRE(messages[3].tables.size() == 1);
    CHECK(messages[3].tables[0].rows[1] == std::vector<std::string>{"9f", "fa", "65", "e"});
}

TEST_CASE("an accept value that is wrong is said to be") {
    std::string wrong = kAccept;
    wrong[wrong.find("s3p")] = 'x';
    const auto messages = messages_in({{kClient, kUpgrade}, {kServer, wrong}});
    REQUIRE(messages.size() == 2);
    CHECK(messages[1].tables[0].rows[5][1].find("differ") != std::string::npos);
}

TEST_CASE("fragments, long lengths and control frames are explained") {
    const std::string long_text(70'000, 'x');
    const auto messages =
        messages_in({{kClient, kUpgrade},
                     {kServer, kAccept + std::string("\x01\x01_\x89\x00\x80\x01_", 8) +
                                   std::string("\x82\x7f\0\0\0\0\0\x01\x11\x70", 10) + long_text}});
    REQUIRE(messages.size() == 6);
    CHECK(words(messages[2]) == "← frame: text frame, more to come \"_\"");
    CHECK(words(messages[3]) == "← frame: ping frame");
    CHECK(words(messages[4]) == "← frame: continuation frame \"_\"");
    CHECK(messages[5].size == 70'010);
    CHECK(messages[5].fields[5].value == "00 00 00 00 00 01 11 70");
    CHECK(messages[5].fields[5].meaning == "70000 bytes");
}

TEST_CASE("a frame that breaks the rules is marked, and what follows is shown as it came") {
    expect({{kClient, kUpgrade}, {kServer, kAccept}, {kClient, "\x81\x02"}},
           "→ HTTP request: GET /chat HTTP/1.1\n← HTTP response: 101 Switching Protocols\n"
           "→ frame: a frame that breaks the rules (a frame from a client is not masked)\n");
    const auto messages = messages_in(
        {{kClient, kUpgrade}, {kServer, kAccept}, {kClient, "\x81\x02hi"}, {kClient, "more"}});
    REQUIRE(messages.size() == 4);
    CHECK(messages[2].mark == wire::Mark::bad);
    CHECK(words(messages[3]) == "→ bytes: 4 bytes \"more\"");
}

TEST_CASE("a request for a WebSocket that is refused leaves HTTP as it is") {
    expect({{kClient, kUpgrade},
            {kServer, "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n"},
            {kClient, "GET /a HTTP/1.1\r\nHost: h\r\n\r\n"}},
           "→ HTTP request: GET /chat HTTP/1.1\n← HTTP response: 426 Upgrade Required\n"
           "→ HTTP request: GET /a HTTP/1.1\n");
}

TEST_CASE("events are found in a stream of chunks") {
    const std::vector<Said> talk{
        {kServer, kStream + chunk("retry: 2000\n\n")},
        {kServer, chunk("id: 7\nevent: x\ndata: one\ndata: two\n\n") + chunk(": ping\n\n")},
        {kServer, "0\r\n\r\n"}};
    const auto messages = messages_in(talk);
    CHECK(words(messages) ==
          "← HTTP response: 200 OK, a stream of events\n← no event: retry 2000\n"
          "← event: event 7, x \"one\ntwo\"\n← no event: comment ping\n"
          "← event: the stream ends\n");
    REQUIRE(messages.size() == 5);
    const std::string all = fields(messages[2]);
    CHECK_MESSAGE(all.find("4+6 id: 7\n10+9 event: x\n19+10 data: one\n29+10 data: two\n"
                           "39+1 empty line: \n0+4 chunk size: 24\n40+2 chunk end: \\r\\n\n") !=
                      std::string::npos,
                  all);
}

TEST_CASE("a request says from which event on it reads") {
    const auto messages =
        messages_in({{kClient, "GET /events HTTP/1.1\r\nHost: h\r\nLast-Event-ID: 7\r\n\r\n"}});
    REQUIRE(messages.size() == 1);
    CHECK(messages[0].title == "GET /events HTTP/1.1, Last-Event-ID: 7");
}

TEST_CASE("a stream of events without chunks is read, however it is cut") {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    expect({{kServer, head + "data: one\r\n\r\ndata: two\r\n\r\n"}},
           "← HTTP response: 200 OK, a stream of events\n← event: event \"one\"\n← event: event "
           "\"two\"\n");
}

TEST_CASE("what is no HTTP, after a beginning that was, is marked with the reason") {
    const auto messages =
        messages_in({{kClient, "GET /a HTTP/1.1\r\nno field\r\n\r\n"}, {kClient, "more"}});
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].mark == wire::Mark::bad);
    CHECK_FALSE(messages[0].note.empty());
    CHECK(words(messages[1]) == "→ bytes: 4 bytes \"more\"");
}

TEST_CASE("a message that is not whole at the end of the file is shown") {
    expect({{kClient, "GET /a HTTP/1.1\r\nHost"}},
           "→ bytes: the beginning of a message \"GET /a HTTP/1.1\r\nHost\" (it is not whole)\n");
    // Without a line end nothing says that it is HTTP.
    expect({{kClient, "GET /a"}}, "→ line: 6 bytes \"GET /a\" (it has no line end)\n");
}

TEST_CASE("commands to a broker are found, and its replies") {
    const std::string set = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2\r\n\r\n\r\n";
    const std::string reply = "*2\r\n*1\r\n$3\r\n0-1\r\n:7\r\n";
    expect({{kClient, set + "*1\r\n$4\r\nPING\r\n"},
            {kServer, "+OK\r\n-ERR no\r\n$-1\r\n*0\r\n" + reply},
            {kClient, "*1\r\n$9\r\ncut"}},
           "→ RESP command: SET k \r\n\n→ RESP command: PING\n"
           "← RESP reply: OK\n← RESP reply: error: ERR no\n← RESP reply: nothing\n"
           "← RESP reply: empty\n← RESP reply: 0-1 7\n"
           "→ bytes: 11 bytes \"*1\r\n$9\r\ncut\" (the rest is missing)\n");
    const auto messages = messages_in({{kClient, set}});
    CHECK(fields(messages[0]) ==
          "0+4 array: *3\\r\\n\n4+4 length: $3\\r\\n\n8+3 string: SET\n13+4 length: $1\\r\\n\n"
          "17+1 string: k\n20+4 length: $2\\r\\n\n24+2 string: \\r\\n\n");
    CHECK(messages[0].fields[0].meaning == "3 values follow");
}

TEST_CASE("what is no RESP is marked, and lines that begin as RESP does are lines") {
    expect({{kClient, "*1\r\n$4\r\nPING\r\n"}, {kServer, "+PONG\r\n"}, {kServer, "?"}},
           "→ RESP command: PING\n← RESP reply: PONG\n← bytes: 1 byte \"?\""
           " (this is not RESP: a reply begins with \"?\")\n");
    expect({{kClient, "*\n"}, {kClient, "*1\r\n"}},
           "→ line: 2 bytes \"*\n\"\n→ line: 4 bytes \"*1\r\n\"\n");
    expect({{kClient, "*12\r\n"}}, "→ line: 5 bytes \"*12\r\n\"\n");
}

TEST_CASE("TLS is named, and nothing of it is shown as text") {
    const auto messages = messages_in({{kClient, "\x16\x03\x01\x02 abc"}});
    REQUIRE(messages.size() == 1);
    CHECK(words(messages[0]) == "→ TLS: 8 bytes, encrypted");
}

TEST_CASE("no field lies outside the bytes that are kept") {
    const std::string body(5000, 'b');
    std::vector<Said> talk{
        {kClient, "POST /" + std::string(3000, 'a') +
                      " HTTP/1.1\r\nHost: h\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n1388\r\n" +
                      body + "\r\n0\r\n\r\n"},
        {kServer, kStream + "1388\r\n" + body + "\r\n" + chunk("\ndata: x\n\n")}};
    for (const std::size_t size : {1U, 1000U, 100'000U}) {
        for (const wire::Message& message : messages_in(talk, size)) {
            CHECK(message.bytes.size() <= wire::Message::kMaxKept);
            for (const wire::Field& field : message.fields)
                CHECK(field.begin + field.size <= message.bytes.size());
        }
    }
}

TEST_SUITE_END();
