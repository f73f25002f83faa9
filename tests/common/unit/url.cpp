// Unit tests of the addresses that clients are given.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "common/url.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;

namespace {

std::string parts(const std::string& url, const std::string& scheme) {
    const lab::Url parsed = lab::parse_url(url, scheme);
    return (parsed.secure ? "TLS " : "") + parsed.host + " " + parsed.port + " " + parsed.target;
}

std::string complaint(const std::string& url, const std::string& scheme) {
    try {
        lab::parse_url(url, scheme);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "none";
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("an address is taken apart") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"://a", "a 80 /"},
        {"://a/", "a 80 /"},
        {"://a.b:8004/c/d?e=f/g:1", "a.b 8004 /c/d?e=f/g:1"},
        {"://a?b", "a 80 /?b"},
        {"://a:1?b/c", "a 1 /?b/c"},
        {"://[::1]", "::1 80 /"},
        {"://[::1]:65535/a]", "::1 65535 /a]"},
        {"://[fe80::1%25eth0]:1/", "fe80::1%25eth0 1 /"},
        {"://a/@b", "a 80 /@b"},
        {"://a/!~", "a 80 /!~"},
        {"://a//b", "a 80 //b"},
        {"s://a/b", "TLS a 443 /b"},
        {"s://a?b", "TLS a 443 /?b"},
        {"s://[::1]:8000", "TLS ::1 8000 /"},
    };
    for (const std::string scheme : {"ws", "http"}) {
        for (const auto& [rest, expected] : cases) {
            const std::string url = scheme + rest;
            expect_bytes(expected, parts(url, scheme), "its parts");
        }
    }
}

TEST_CASE("the scheme of an address is the one that the program speaks") {
    const std::string ws = "the address begins with ws:// or wss://";
    const std::string http = "the address begins with http:// or https://";
    for (const std::string url : {"http://a/", "https://a", "a:8004", "", "ws:/a", "ws", "WS://a"})
        CHECK(complaint(url, "ws") == std::string(url).append(": ").append(ws));
    for (const std::string url : {"ws://a/", "wss://a", "httpss://a", "http:a", "localhost:8006"})
        CHECK(complaint(url, "http") == std::string(url).append(": ").append(http));
}

TEST_CASE("the fault of an address is named") {
    const std::string ascii = "spaces and all that is not ASCII have to be percent-encoded";
    const std::string host = "there is no host name, or something beside it";
    const std::string port = "the port is not a number from 1 to 65535";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"://a/b c", ascii},
        {"://a/\r\nX: y", ascii},
        {"://a/\x7f", ascii},
        {"://a/п", ascii},
        {"://п/", ascii},
        {"://a/#b", "there can be no fragment: a server never sees it"},
        {"://a:0/", port},
        {"://a:00/", port},
        {"://", host},
        {":///a", host},
        {"://?a", host},
        {"://:80/", host},
        {"://[]/", host},
        {"://::1/", host},
        {"://[::1/", host},
        {"://[::1]x/", host},
        {"://a[::1]/", host},
        {"://user@a/", host},
        {"://user:word@a:80/", host},
        {"://a:/", port},
        {"://a:b/", port},
        {"://a:8o/", port},
        {"://a:-1/", port},
        {"://a:+1/", port},
        {"://a:65536/", port},
        {"://a:99999/", port},
        {"://a:18446744073709551697/", port},
    };
    for (const std::string scheme : {"ws", "http", "https"}) {
        for (const auto& [rest, why] : cases) {
            const std::string url = scheme + rest;
            expect_bytes(std::string(url).append(": ").append(why),
                         complaint(url, scheme == "ws" ? "ws" : "http"), "its fault");
        }
    }
}

TEST_CASE("a Host field has the port where it is not the scheme's own") {
    const auto host = [](const std::string& url) {
        return lab::authority_of(lab::parse_url(url, "http"));
    };
    CHECK(host("http://a/b?c") == "a");
    CHECK(host("http://a:80/") == "a");
    CHECK(host("http://a:443/") == "a:443");
    CHECK(host("https://a:443/") == "a");
    CHECK(host("https://a:80/") == "a:80");
    CHECK(host("http://[::1]/") == "[::1]");
    CHECK(host("http://[::1]:8006/") == "[::1]:8006");
}

TEST_CASE("a redirect is resolved against the address that it came from") {
    // Those of RFC 3986, section 5.4, that HTTP has; and a few more.
    const lab::Url base = lab::parse_url("http://a:81/b/c/d;p?q", "http");
    const std::vector<std::pair<std::string, std::string>> cases{
        {"g", "a 81 /b/c/g"},
        {"./g", "a 81 /b/c/g"},
        {"g/", "a 81 /b/c/g/"},
        {"/g", "a 81 /g"},
        {"//g", "g 80 /"},
        {"?y", "a 81 /b/c/d;p?y"},
        {"g?y", "a 81 /b/c/g?y"},
        {"#s", "a 81 /b/c/d;p?q"},
        {"g#s", "a 81 /b/c/g"},
        {"g?y#s", "a 81 /b/c/g?y"},
        {";x", "a 81 /b/c/;x"},
        {"", "a 81 /b/c/d;p?q"},
        {".", "a 81 /b/c/"},
        {"./", "a 81 /b/c/"},
        {"..", "a 81 /b/"},
        {"../g", "a 81 /b/g"},
        {"../..", "a 81 /"},
        {"../../g", "a 81 /g"},
        {"../../../g", "a 81 /g"},
        {"/./g", "a 81 /g"},
        {"/../g", "a 81 /g"},
        {"g.", "a 81 /b/c/g."},
        {"..g", "a 81 /b/c/..g"},
        {"./g/.", "a 81 /b/c/g/"},
        {"g/../h", "a 81 /b/c/h"},
        {"g?y/../x", "a 81 /b/c/g?y/../x"},
        {"http://h:1/x?y", "h 1 /x?y"},
        {"https://h/x", "TLS h 443 /x"},
        {"/http://h", "a 81 /http://h"},
    };
    for (const auto& [reference, expected] : cases) {
        const lab::Url url = lab::resolve(base, reference);
        expect_bytes(expected,
                     (url.secure ? "TLS " : "") + url.host + " " + url.port + " " + url.target,
                     reference);
    }
    for (const std::string bad : {"ftp://h/", "mailto:a", "//", "/a b", "/a\rb", "http://"})
        CHECK_THROWS_AS(lab::resolve(base, bad), std::runtime_error);
}

TEST_SUITE_END();
