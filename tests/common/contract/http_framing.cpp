// The contract of a server of HTTP/1.1: where a request ends. A server that takes another place for
// the end than a proxy in front lets strangers put requests into other people's connections: RFC
// 9112, 11.2.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/common/contract/http_contract.hpp"

using namespace lab::test;

namespace {

// `bytes` are refused with one of `statuses` and end the connection; a request that follows them
// is not looked at. That it posts nothing is to be seen by expect_nothing_smuggled().
void expect_broken(const Server& server, const std::string& bytes, const std::vector<int>& statuses,
                   const std::string& hint, Place place = Place::here()) {
    const std::string why = hint + ": " + lab::visible(bytes, 300);
    const HttpResponse response = ask_last(server, bytes + good_post("smuggled"), why, place);
    expect_one_of(response, statuses, why, place);
}

void expect_nothing_smuggled(const Server& server, Place place = Place::here()) {
    expect_posted(server, "smuggled", false,
                  "where a request has no sure end, the bytes behind it belong to nobody: close",
                  place);
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("server takes a body in chunks") {
    const Server server(kHttp.step);
    Connection client(server);
    const std::vector<std::string> framed{
        chunk("a body in chunks").append(kLastChunk),
        chunk("a body").append(chunk(" in ")).append(chunk("chunks")).append(kLastChunk),
        "010\r\na body in chunks\r\n000\r\n\r\n",
        "10;name=value;other=\"quoted\"\r\na body in chunks\r\n0;last\r\n\r\n",
        "10 ;x=y\r\na body in chunks\r\n0\t; \tx = \"a\tb\\\";\"\r\n\r\n",
        chunk("a body in chunks").append("0\r\nX-Tab:\ta\tb\r\nX-Empty:\r\n\r\n"),
        chunk("a body in chunks").append("0\r\nX-Trailer: passed over\r\n\r\n"),
    };
    for (const std::string& body : framed) {
        client.send(chunked_post(body) + good_get());
        expect_status(receive_response(client, "RFC 9112, 7.1"), kHttp.posted, body);
        expect_status(receive_response(client, "the next request follows the last chunk"), 200,
                      body);
    }
    std::string expected = kHttp.texts(server);
    for (std::size_t i = 0, at = 0; i < framed.size(); ++i, ++at) {
        at = expected.find("a body in chunks", at);
        if (at == std::string::npos)
            fail("each body without its framing", expected, "join the content of the chunks");
    }
}

TEST_CASE("server takes a body in chunks byte by byte") {
    const Server server(kHttp.step);
    Connection client(server);
    const std::string body = chunk("byte").append(chunk(" by byte")).append("0\r\nX: y\r\n\r\n");
    for (const char byte : chunked_post(body)) {
        client.send({&byte, 1});
        if (client.wait_for_bytes(std::chrono::milliseconds(1))) break;
    }
    expect_status(receive_response(client, "keep the half of a line"), kHttp.posted, "RFC 9112, 7");
    expect_posted(server, "byte by byte", true, "join the content of the chunks");
}

TEST_CASE("server refuses a request with a length and chunks or with two lengths") {
    const Server server(kHttp.step);
    const std::string framed = chunk("hello").append(kLastChunk);
    const std::string coding = "Transfer-Encoding: chunked\r\n";
    const std::string length = "Content-Length: 5\r\n";
    for (const std::string& fields :
         {length + coding, coding + length, "Content-Length: 0\r\n" + coding, length + length,
          length + "content-length: 6\r\n", std::string("Content-Length: 5, 5\r\n"),
          std::string("Content-Length: 5, 6\r\n")}) {
        expect_broken(server, chunked_post(framed, fields), {400}, "RFC 9112, 6.3");
    }
    for (const std::string& fields :
         {coding + coding, std::string("Transfer-Encoding: chunked, chunked\r\n")})
        expect_broken(server, chunked_post(framed, fields), {400, 501}, "RFC 9112, 6.1");
    expect_nothing_smuggled(server);
}

TEST_CASE("server refuses a length that is no number") {
    const Server server(kHttp.step);
    for (const std::string length :
         {"", "x", "5x", "-5", "+5", "0x5", "5 5", "5;", "5.0", "five", "\"5\""}) {
        expect_broken(server, chunked_post("hello", "Content-Length: " + length + "\r\n"), {400},
                      "only digits are a length");
    }
    for (const std::string length :
         {"18446744073709551616", "18446744073709551621", "99999999999999999999999999999999"}) {
        expect_broken(server, chunked_post("hello", "Content-Length: " + length + "\r\n"),
                      {400, 413}, "a number that does not fit is not a small one");
    }
    expect_nothing_smuggled(server);
}

TEST_CASE("server refuses a transfer coding that it does not know") {
    const Server server(kHttp.step);
    const std::string framed = chunk("hello").append(kLastChunk);
    for (const std::string coding : {"gzip, chunked", ", chunked"}) {
        expect_broken(server, chunked_post(framed, "Transfer-Encoding: " + coding + "\r\n"),
                      {501, 400}, "RFC 9112, 6.1");
    }
    for (const std::string coding :
         {"gzip", "xchunked", "identity", "chunked, gzip", "chunked;x=y", "chunked,", "\"chunked\"",
          "\x0b"
          "chunked",
          ""}) {
        expect_broken(server, chunked_post(framed, "Transfer-Encoding: " + coding + "\r\n"), {400},
                      "where chunked does not come last nobody knows the end: RFC 9112, 6.3");
    }
    expect_broken(server,
                  "POST " + kHttp.post +
                      " HTTP/1.0\r\nHost: localhost\r\n"
                      "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" +
                      framed,
                  {400, 501}, "HTTP/1.0 has no chunks: RFC 9112, 6.1");
    expect_nothing_smuggled(server);
}

TEST_CASE("server refuses a line that ends with LF alone and a space before a colon") {
    const Server server(kHttp.step);
    const std::string first = "POST " + kHttp.post + " HTTP/1.1\r\n";
    const std::string host = "Host: localhost\r\n";
    const std::vector<std::string> bad{
        "GET " + kHttp.get + " HTTP/1.1\n" + host + "\r\n",
        first + "Host: localhost\nContent-Length: 0\r\n\r\n",
        first + host + "Content-Length: 0\n\r\n",
        first + host + "Content-Length: 0\r\n\n",
        first + host + "X: a\rContent-Length: 5\r\n\r\nhello",
        first + host + "Content-Length : 5\r\n\r\nhello",
        first + host + "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
        first + host + "X: a\r\n Content-Length: 5\r\n\r\nhello",
        first + host + "X: a\r\n\tfolded\r\n\r\n",
        first + " " + host + "\r\n",
        first + host + "Content-Length\r\n\r\n",
        first + host + ": 5\r\n\r\n",
        first + host + "X: a" + std::string(1, '\0') + "b\r\n\r\n",
    };
    for (const std::string& bytes : bad)
        expect_broken(server, bytes, {400}, "two readers must not find two ends of a line");
    expect_nothing_smuggled(server);
}

TEST_CASE("server refuses chunks that are not framed as they should be") {
    const Server server(kHttp.step);
    for (const std::string framed : {
             "g\r\nhello\r\n0\r\n\r\n",           // no number
             "\r\nhello\r\n0\r\n\r\n",            // none at all
             "-5\r\nhello\r\n0\r\n\r\n",          // a sign
             "+5\r\nhello\r\n0\r\n\r\n",          // another
             "0x5\r\nhello\r\n0\r\n\r\n",         // as C writes it
             " 5\r\nhello\r\n0\r\n\r\n",          // a space before
             "5\nhello\r\n0\r\n\r\n",             // a line that ends with LF alone
             "5\r\nhello\n0\r\n\r\n",             // the same after the content
             "5\r\nhelloXX0\r\n\r\n",             // content without its CRLF
             "5\r\nhello more\r\n0\r\n\r\n",      // more than was said
             "5;a\nb\r\nhello\r\n0\r\n\r\n",      // LF in an extension
             "5 \r\nhello\r\n0\r\n\r\n",          // a space and nothing behind it
             "5;\r\nhello\r\n0\r\n\r\n",          // an extension without a name
             "5;a=\r\nhello\r\n0\r\n\r\n",        // and one without a value
             "5;bad[=x\r\nhello\r\n0\r\n\r\n",    // a name that is no token
             "5;a=\"b\r\nhello\r\n0\r\n\r\n",     // a quotation without an end
             "5\r\nhello\r\n0\r\nX: y\n\r\n",     // LF alone in the trailer
             "5\r\nhello\r\n0\r\nX y\r\n\r\n",    // a line of the trailer without a colon
             "5\r\nhello\r\n0\r\nX : y\r\n\r\n",  // a space before the colon
             "5\r\nhello\r\n0\r\n X: y\r\n\r\n",  // a space before the name
         }) {
        expect_broken(server, chunked_post(framed), {400}, "RFC 9112, 7.1");
    }
    for (const std::string size : {"10000000000000005", "fffffffffffffffffffffffffffff005"}) {
        expect_broken(server, chunked_post(size + "\r\nhello\r\n0\r\n\r\n"), {400, 413},
                      "a number that does not fit is not a small one");
    }
    expect_nothing_smuggled(server);
}

TEST_CASE("server refuses a request without a Host or with two") {
    const Server server(kHttp.step);
    const std::string first = "GET " + kHttp.get + " HTTP/1.1\r\n";
    for (const std::string fields :
         {"", "Host: localhost\r\nHost: localhost\r\n", "Host: localhost\r\nhost: other\r\n"}) {
        expect_broken(server, first + fields + "\r\n", {400}, "RFC 9112, 3.2");
    }
    expect_nothing_smuggled(server);
}

TEST_CASE("server refuses a Host that names no server") {
    const Server server(kHttp.step);
    const std::string first = "GET " + kHttp.get + " HTTP/1.1\r\nHost: ";
    for (const std::string host :
         {"a", "a:8000", "127.0.0.1:80", "[::1]", "[::1]:8000", "A_b.%41"}) {
        expect_status(server, first + host + "\r\n\r\n", 200, "RFC 3986, 3.2.2: " + host);
    }
    for (const std::string host : {"[::1", "::1", "a:b:c", "x:port", "x:99999", "%zz", "a b", "a/b",
                                   "a@b", "a,b c", "\x80", "\xd0\xbf"}) {
        expect_broken(server, first + host + "\r\n\r\n", {400}, "RFC 9112, 3.2: " + host);
    }
    expect_nothing_smuggled(server);
}

TEST_CASE("server refuses bytes that are no HTTP request") {
    const Server server(kHttp.step);
    const std::string host = "\r\nHost: localhost\r\n\r\n";
    for (const std::string line :
         {"hello", "GET /", "GET  HTTP/1.1", "GET / HTTP/1", "GET / http/1.1", "GET /a b HTTP/1.1",
          " GET / HTTP/1.1", "G(T / HTTP/1.1", "GET /\x01 HTTP/1.1", "GET nothing HTTP/1.1",
          "GET /%zz HTTP/1.1", "GET /% HTTP/1.1", "GET http:///x HTTP/1.1",
          "GET http://a:b:c/ HTTP/1.1", "GET * HTTP/1.1", "\x16\x03\x01\x02"}) {
        Connection client(server);
        client.send(line + host);
        expect_one_of(receive_response(client, line), {400}, line);
    }
    expect_good(server, "only the refused client is sent away");
}

TEST_SUITE_END();
