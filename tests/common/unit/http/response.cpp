// Unit tests of the responses that servers write.
#include <doctest/doctest.h>

#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "common/http/page.hpp"
#include "common/http/response.hpp"
#include "tests/support/report.hpp"

using http::Persistence;
using lab::test::expect_bytes;

namespace {

// The example of RFC 9110, section 5.6.7, in seconds since 1970.
constexpr std::time_t kNow = 784111777;
const std::string kDate = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a response says how long it is and whether the connection ends with it") {
    const std::string head = "HTTP/1.1 200 OK\r\n" + kDate +
                             "A: b\r\nC: d\r\nContent-Type: text/html\r\nContent-Length: 4\r\n";
    const std::string body = "п\r\n";
    const http::Response response{200, {{"A", "b"}, {"C", "d"}}, "text/html", body};
    expect_bytes(head + "Connection: close\r\n\r\n" + body,
                 http::to_bytes(response, Persistence::close, true, kNow),
                 "the last one on its connection");
    expect_bytes(head + "\r\n" + body,
                 http::to_bytes(response, Persistence::keep_alive, true, kNow),
                 "HTTP/1.1 goes on unless somebody says otherwise");
    expect_bytes(head + "\r\n", http::to_bytes(response, Persistence::keep_alive, false, kNow),
                 "HEAD gets the same head, and no body");
}

TEST_CASE("a response says when it was made") {
    const auto date_at = [](std::time_t now) {
        const std::string bytes = http::to_bytes({}, Persistence::keep_alive, true, now);
        const std::size_t begin = bytes.find("\r\nDate: ") + 8;
        return bytes.substr(begin, bytes.find("\r\n", begin) - begin);
    };
    CHECK(date_at(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(date_at(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK(date_at(951782399) == "Mon, 28 Feb 2000 23:59:59 GMT");
    const std::time_t now = std::time(nullptr);
    const std::string bytes = http::to_bytes({}, Persistence::close);
    CHECK((bytes.find(date_at(now)) != std::string::npos ||
           bytes.find(date_at(now + 1)) != std::string::npos));
}

TEST_CASE("a response without content has no length, and an empty one has") {
    expect_bytes("HTTP/1.1 204 No Content\r\n" + kDate + "\r\n",
                 http::to_bytes({.status = 204}, Persistence::keep_alive, true, kNow),
                 "RFC 9110, section 8.6");
    expect_bytes("HTTP/1.1 202 Accepted\r\n" + kDate + "Content-Length: 0\r\n\r\n",
                 http::to_bytes({.status = 202}, Persistence::keep_alive, true, kNow),
                 "or the client waits for a body");
}

TEST_CASE("a refusal says why in one line") {
    const http::Response response = http::refusal_response({405, "why", {{"Allow", "GET"}}});
    expect_bytes("HTTP/1.1 405 Method Not Allowed\r\n" + kDate +
                     "Allow: GET\r\nContent-Type: text/plain; "
                     "charset=utf-8\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwhy\n",
                 http::to_bytes(response, Persistence::close, true, kNow), "its line");
}

TEST_CASE("a response names its status") {
    const std::vector<std::pair<int, std::string>> phrases{
        {101, "Switching Protocols"},
        {200, "OK"},
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {426, "Upgrade Required"},
        {431, "Request Header Fields Too Large"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {299, ""},  // which has none: the space before it stays
    };
    for (const auto& [status, phrase] : phrases) {
        expect_bytes("HTTP/1.1 " + std::to_string(status) + " " + phrase + "\r\n",
                     http::status_line(status), "RFC 9110, section 15");
    }
}

TEST_CASE("a page has three files of its own, none of which may run what another server says") {
    const http::Page page{"<p>", "js", "css"};
    const std::vector<std::pair<std::string, std::string>> files{
        {"/", "text/html; charset=utf-8 <p>"},
        {"/page.js", "text/javascript; charset=utf-8 js"},
        {"/page.css", "text/css; charset=utf-8 css"},
        {"/page.html", ""},
        {"", ""},
    };
    for (const auto& [path, expected] : files) {
        const auto file = http::page_response(page, path);
        CHECK((file ? file->content_type + " " + file->body : "") == expected);
        if (!file) continue;
        const std::string bytes = http::to_bytes(*file, Persistence::close);
        CHECK(bytes.find("script-src 'self';") != std::string::npos);
        CHECK(bytes.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    }
}

TEST_CASE("each page has the files that all pages share beside its own") {
    struct File {
        std::string path, type, beginning;
    };
    for (const auto& [path, type, beginning] :
         {File{"/common.js", "text/javascript; charset=utf-8", "\"use strict\";\n"},
          File{"/common.css", "text/css; charset=utf-8", "/* What the pages"}}) {
        const auto file = http::page_response({"<p>", "js", "css"}, path);
        REQUIRE(file);
        CHECK(file->content_type == type);
        CHECK(file->body.starts_with(beginning));
        const std::string bytes = http::to_bytes(*file, Persistence::close);
        CHECK(bytes.find("script-src 'self';") != std::string::npos);
        CHECK(bytes.find("X-Content-Type-Options: nosniff\r\n") != std::string::npos);
    }
}

TEST_SUITE_END();
