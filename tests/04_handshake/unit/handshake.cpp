// Unit tests of 04_handshake's opening handshake: keys, requests, and answers.
#include <doctest/doctest.h>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "04_handshake/handshake.hpp"
#include "tests/04_handshake/support/raw_frames.hpp"
#include "tests/support/report.hpp"

using namespace websocket;
using namespace std::string_literals;
using lab::test::expect_bytes;
using lab::test::from_hex;

namespace {

// The key and its answer in RFC 6455, section 1.3.
const std::string kKey = "dGhlIHNhbXBsZSBub25jZQ==";
const std::string kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const std::string kHost = "Host: a\r\n";
const std::string kUpgrade = "Upgrade: websocket\r\n";
const std::string kConnection = "Connection: Upgrade\r\n";
const std::string kVersion = "Sec-WebSocket-Version: 13\r\n";
const std::string kKeyLine = "Sec-WebSocket-Key: " + kKey + "\r\n";

http::Head head_of(const std::string& bytes, http::HeadParser::Kind kind) {
    std::string_view input = bytes;
    http::HeadParser parser(kind);
    REQUIRE(parser.parse(input) == http::HeadParser::Result::head);
    return parser.head();
}

http::Head request(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
    return head_of(line + "\r\n" + fields + "\r\n", http::HeadParser::Kind::request);
}

http::Head response(const std::string& fields, const std::string& line = "HTTP/1.1 101 Yes") {
    return head_of(line + "\r\n" + fields + "\r\n", http::HeadParser::Kind::response);
}

// A refusal on one line: its status, its text, and its further fields.
std::string shown(const std::optional<http::Refusal>& refusal) {
    if (!refusal) return "none";
    std::string text = std::to_string(refusal->status) + " " + refusal->text;
    for (const http::Field& field : refusal->fields) text += "; " + field.name + ": " + field.value;
    return text;
}

std::optional<http::Refusal> fault_of(const http::Head& head) {
    http::Target target;
    const auto refusal = http::parse_target(head, target);
    return refusal ? refusal : check_request(head);
}

// Only the text of a refusal; empty for none.
std::string words(const std::optional<http::Refusal>& refusal) {
    return refusal ? refusal->text : "";
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the accept value is the one of the RFC and the one of the course notes' key") {
    CHECK(accept_value(kKey) == kAccept);
    // The course notes print another value for this key.
    CHECK(accept_value("x3JJHMbDL1EzLkh9YZrd92==") == "mNULy9gSzBkQKi/zSlzgwext3P8=");
}

TEST_CASE("SHA-1 and Base64 give what their standards say") {
    expect_bytes(from_hex("a9993e364706816aba3e25717850c26c9cd0d89d"), sha1("abc"), "FIPS 180-4");
    expect_bytes(from_hex("da39a3ee5e6b4b0d3255bfef95601890afd80709"), sha1(""), "of nothing");
    expect_bytes(from_hex("84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
                 sha1("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"), "two blocks");
    const std::vector<std::pair<std::string, std::string>> cases{{"", ""},
                                                                 {"f", "Zg=="},
                                                                 {"fo", "Zm8="},
                                                                 {"foo", "Zm9v"},
                                                                 {"foob", "Zm9vYg=="},
                                                                 {"fooba", "Zm9vYmE="},
                                                                 {"foobar", "Zm9vYmFy"},
                                                                 {"\xfb\xff\0"s, "+/8A"}};
    for (const auto& [bytes, text] : cases) CHECK(base64(bytes) == text);
}

TEST_CASE("a key is 16 bytes in Base64 and any other key is refused with the reason") {
    CHECK_FALSE(check_key(kKey));
    CHECK(decode_key(kKey) == "the sample nonce");
    CHECK_FALSE(check_key("++++////++++////++++//=="));
    CHECK_FALSE(check_key("AAAAAAAAAAAAAAAAAAAAAA=="));
    expect_bytes(std::string(16, '\0'), decode_key("AAAAAAAAAAAAAAAAAAAAAA=="), "NUL is a byte");
    const auto length = [](int count) {
        return "it has " + std::to_string(count) + " characters, and 16 bytes in Base64 have 24";
    };
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", length(0)},
        {"AAAAAAAAAAAAAAAAAAAAAA=", length(23)},
        {"AAAAAAAAAAAAAAAAAAAAAAA==", length(25)},
        {"AAAAAAAAAAAAAAAAAAAAAAAA", "it ends with 0 '=', and 16 bytes in Base64 end with 2"},
        {"AAAAAAAAAAAAAAAAAAAAAAA=", "it ends with 1 '=', and 16 bytes in Base64 end with 2"},
        {"AAAAAAAAAAAAAAAAAAAAA===", "it ends with 3 '=', and 16 bytes in Base64 end with 2"},
        {"========================", "it ends with 24 '=', and 16 bytes in Base64 end with 2"},
        {"-AAAAAAAAAAAAAAAAAAAAA==", "its character 1 is not one of Base64's"},
        {"AAAA=AAAAAAAAAAAAAAAAA==", "its character 5 is not one of Base64's"},
        {"AAAAAAAAAAAAAAAAAAAAA ==", "its character 22 is not one of Base64's"},
        {"AAAAAAAAAAAAAAAAAAAAAA=A", "its character 23 is not one of Base64's"},
    };
    for (const auto& [key, fault] : cases) CHECK(words(check_key(key)) == fault);
}

TEST_CASE("new keys are without fault and never the same") {
    std::set<std::string> keys;
    for (int i = 0; i < 100; ++i) {
        const std::string key = new_key();
        CHECK_FALSE(check_key(key));
        keys.insert(key);
    }
    CHECK(keys.size() == 100);
}

TEST_CASE("a request is refused that nobody could answer") {
    const std::string host = "400 the Host is not a name or an address, with or without a port";
    const auto method = [](const std::string& name) {
        return "405 the method " + name + " is not allowed here; Allow: GET, HEAD";
    };
    CHECK(shown(fault_of(request(kHost))) == "none");
    CHECK(shown(fault_of(request("host: [::1]:80\r\n", "HEAD / HTTP/1.1"))) == "none");
    CHECK(shown(fault_of(request("Host:\r\n"))) == "none");
    CHECK(shown(fault_of(request("", "GET / HTTP/1.0"))) == "none");
    CHECK(shown(fault_of(request(""))) == "400 there is no Host");
    CHECK(shown(fault_of(request(kHost + kHost))) == "400 there is more than one Host");
    CHECK(shown(fault_of(request(kHost + kHost, "GET / HTTP/1.0"))) ==
          "400 there is more than one Host");
    for (const char byte : " \t,/?#@\"<>\\[:\x80"s)
        CHECK(shown(fault_of(request("Host: a"s + byte + "b\r\n"))) == host);
    CHECK(shown(fault_of(request(kHost, "GET http://b/c HTTP/1.1"))) == "none");
    CHECK(shown(fault_of(request(kHost, "OPTIONS * HTTP/1.1"))) == method("OPTIONS"));
    for (const std::string target : {"http:///x", "c", "*", "/%zz", "/#"})
        CHECK(shown(fault_of(request(kHost, "GET " + target + " HTTP/1.1"))).starts_with("400 "));
    // Where a body has no sure end, the method does not matter.
    for (const std::string& line : {"GET / HTTP/1.1"s, "POST / HTTP/1.1"s}) {
        for (const std::string framing :
             {"Content-Length: abc\r\n", "Content-Length: 1\r\nContent-Length: 2\r\n",
              "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: gzip, chunked\r\n",
              "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"})
            CHECK(shown(fault_of(request(kHost + framing, line))).starts_with("400 "));
    }
    CHECK(shown(fault_of(request(kHost + "Content-Length: 5\r\n"))) == "none");
    for (const std::string name : {"POST", "get", "HEADS"})
        CHECK(shown(fault_of(request(kHost, name + " / HTTP/1.1"))) == method(name));
}

TEST_CASE("a request for a WebSocket is known by its Upgrade") {
    CHECK(wants_websocket(request("upgrade: h2c, WebSocket\r\n")));
    CHECK_FALSE(wants_websocket(request("Upgrade: h2c\r\n" + kConnection + kVersion + kKeyLine)));
}

TEST_CASE("a request for a WebSocket is in order or its fault is told") {
    const std::string needed =
        "; Upgrade: websocket; Connection: Upgrade; Sec-WebSocket-Version: 13";
    const std::string version = "426 Sec-WebSocket-Version: 13 is needed" + needed;
    const std::string body = "400 a request for a WebSocket has no body";
    const std::string all = kUpgrade + kConnection + kVersion + kKeyLine;
    const std::vector<std::pair<std::string, std::string>> cases{
        {all, "none"},
        {"upgrade: WEBSOCKET\r\nCONNECTION: keep-alive, upgrade\r\n" + kVersion + kKeyLine, "none"},
        {all + "Content-Length: 0\r\nSec-WebSocket-Protocol: chat\r\n", "none"},
        {kConnection + kVersion + kKeyLine,
         "426 Upgrade: websocket is missing: this is a WebSocket" + needed},
        {kUpgrade + kVersion + kKeyLine, "426 Connection: Upgrade is missing" + needed},
        {kUpgrade + "Connection: close\r\n" + kVersion + kKeyLine,
         "426 Connection: Upgrade is missing" + needed},
        {kUpgrade + kConnection + kKeyLine, version},
        {kUpgrade + kConnection + "Sec-WebSocket-Version: 8\r\n" + kKeyLine, version},
        {kUpgrade + kConnection + "Sec-WebSocket-Version: 13, 8\r\n" + kKeyLine, version},
        {all + kVersion, "400 there is more than one Sec-WebSocket-Version"},
        {kUpgrade + kConnection + kVersion, "400 there is no Sec-WebSocket-Key"},
        {all + kKeyLine, "400 there is more than one Sec-WebSocket-Key"},
        {kUpgrade + kConnection + kVersion + "Sec-WebSocket-Key: AAAA\r\n",
         "400 Sec-WebSocket-Key: it has 4 characters, and 16 bytes in Base64 have 24"},
        {all + "Content-Length: 1\r\n", body},
        {all + "Content-Length: 0\r\nContent-Length: 5\r\n", body},
        {all + "Transfer-Encoding: chunked\r\n", body},
    };
    for (const auto& [fields, fault] : cases)
        CHECK(shown(check_handshake(request(fields))) == fault);
    CHECK(shown(check_handshake(request(all, "HEAD / HTTP/1.1"))) ==
          "405 a WebSocket is asked for with GET; Allow: GET");
    CHECK(shown(check_handshake(request(all, "GET / HTTP/1.0"))) ==
          "505 HTTP/1.0 knows no upgrade: HTTP/1.1 is needed");
}

TEST_CASE("our request and our answer are what the other side wants") {
    const std::string asked = handshake_request("a:1", "/b?c", kKey);
    expect_bytes(
        "GET /b?c HTTP/1.1\r\nHost: a:1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: " +
            kKey + "\r\nSec-WebSocket-Version: 13\r\n\r\n",
        asked, "RFC 6455, section 4.1");
    const http::Head head = head_of(asked, http::HeadParser::Kind::request);
    CHECK(shown(fault_of(head)) == "none");
    CHECK(shown(check_handshake(head)) == "none");
    const std::string answer = handshake_response(head);
    expect_bytes(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
            kAccept + "\r\n\r\n",
        answer, "RFC 6455, section 4.2.2");
    CHECK_FALSE(check_response(head_of(answer, http::HeadParser::Kind::response), kKey));
}

TEST_CASE("a client says what is wrong with the answer") {
    const std::string accept = "Sec-WebSocket-Accept: " + kAccept + "\r\n";
    const std::string all = kUpgrade + kConnection + accept;
    const std::vector<std::pair<std::string, std::string>> cases{
        {all, ""},
        {"upgrade: WEBSOCKET\r\nconnection: a, UPGRADE\r\n" + accept, ""},
        {kConnection + accept, "there is no Upgrade: websocket"},
        {kUpgrade + accept, "there is no Connection: Upgrade"},
        {kUpgrade + kConnection, "there is not just one Sec-WebSocket-Accept"},
        {all + accept, "there is not just one Sec-WebSocket-Accept"},
        {kUpgrade + kConnection + "Sec-WebSocket-Accept: S3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n",
         "Sec-WebSocket-Accept is S3pPLMBiTxaQ9kYGzzhZRbK+xOo=, but for our key it is " + kAccept},
        {all + "Sec-WebSocket-Extensions: permessage-deflate\r\n",
         "it agrees to an extension that we did not ask for"},
        {all + "Sec-WebSocket-Protocol: chat\r\n",
         "it agrees to a subprotocol that we did not ask for"},
    };
    for (const auto& [fields, fault] : cases)
        CHECK(words(check_response(response(fields), kKey)) == fault);
    CHECK(words(check_response(response(all, "HTTP/1.1 200 OK"), kKey)) ==
          "the status is 200 OK, not 101 Switching Protocols");
}

TEST_SUITE_END();
