// Unit tests of the targets of requests, and of forms.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/http/target.hpp"
#include "tests/support/report.hpp"

using lab::test::expect_bytes;
using namespace std::string_literals;

namespace {

std::string shown(const std::vector<http::Field>& fields) {
    std::string text;
    for (const http::Field& field : fields) text += "[" + field.name + "=" + field.value + "]";
    return text;
}

// The path, and each argument in brackets.
std::string parts(const std::string& target) {
    const auto parsed = http::parse_target(target);
    return parsed ? parsed->path + " " + shown(parsed->arguments) : "none";
}

// The host, and the port if there is one.
std::string host_of(const std::string& text) {
    const auto authority = http::parse_authority(text);
    if (!authority) return "none";
    return authority->host + (authority->port ? " " + std::to_string(*authority->port) : "");
}

std::string form(const std::string& text) {
    const auto fields = http::parse_form(text);
    return fields ? shown(*fields) : "none";
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a target is taken apart and decoded") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"/", "/ "},
        {"/?", "/ "},
        {"//", "// "},
        {"/a/b.c", "/a/b.c "},
        {"/messages?after=5&wait=25", "/messages [after=5][wait=25]"},
        {"/a?b=c?d=/e", "/a [b=c?d=/e]"},
        {"/%41%2f%2F%3f?%3D=%26", "/A//? [==&]"},
        // A plus is a space in a query alone.
        {"/a+b?c+d=e+f%2B", "/a+b [c d=e f+]"},
        {"/?name=%D0%90%D0%B4%D0%B0", "/ [name=Ада]"},
        {"/a%00b?c=%0d%0A%ff", "/a\0b [c=\r\n\xff]"s},
        {"/a&b=c", "/a&b=c "},
        {"/a;b?c;d", "/a;b [c;d=]"},
    };
    for (const auto& [target, expected] : cases)
        expect_bytes(expected, parts(target), "of " + target);
}

TEST_CASE("an absolute target is what a proxy is sent") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"http://a/", "/ "},      {"http://a", "/ "},          {"http://a:1/b?c=d", "/b [c=d]"},
        {"http://a//b", "//b "},  {"http://a?b=c", "/ [b=c]"}, {"http://a?b=/c", "/ [b=/c]"},
        {"http:/a", "none"},      {"https://a/", "none"},      {"ws://a/", "none"},
        {"HTTP://a/b", "/b "},    {"hTtP://A:80", "/ "},       {"http://[::1]:8/b", "/b "},
        {"http:///x", "none"},    {"http://", "none"},         {"http://?a", "none"},
        {"http://:80/", "none"},  {"http://a:b/", "none"},     {"http://a@b/", "none"},
        {"http://[::1/", "none"}, {"http://a#b", "none"},      {"http://%zz/", "none"},
    };
    for (const auto& [target, expected] : cases)
        expect_bytes(expected, parts(target), "of " + target);
}

TEST_CASE("a target that is no path is refused") {
    for (const std::string target : {"", "**", "*/", "a", "a/b", "a:80", "example.com:443", "?a=b",
                                     "%2F", "#", "/a#b", "/a?b#c"})
        CHECK_MESSAGE(parts(target) == "none", target);
    CHECK(parts("*") == "* ");
}

TEST_CASE("a host is a name or an address and may have a port") {
    const std::vector<std::pair<std::string, std::string>> good{
        {"", ""},
        {"a", "a"},
        {"LocalHost:8006", "localhost 8006"},
        {"127.0.0.1:80", "127.0.0.1 80"},
        {"a:", "a"},
        {":80", " 80"},
        {"a:0080", "a 80"},
        {"a_b-c.~!$&'()*+;=%41", "a_b-c.~!$&'()*+;=%41"},
        {"[::1]", "[::1]"},
        {"[0:0:0:0:0:0:0:1]:65535", "[::1] 65535"},
        {"[FE80::A]:", "[fe80::a]"},
    };
    for (const auto& [text, expected] : good) expect_bytes(expected, host_of(text), "of " + text);
    for (const std::string bad :
         {"[::1",      "::1",        "[::1]80", "[::1]x",   "[",      "[]",   "]",
          "[1.2.3.4]", "[::1%25lo]", "[::g]",   "a:b:c",    "x:port", "x:-1", "x:+1",
          "x:65536",   "x: 80",      "%zz",     "%",        "a%4",    "a b",  "a@b",
          "a/",        "a?",         "a#",      "a,b",      "a\"",    "a<",   "a\\",
          "a^",        "a|",         "\x80",    "\xd0\xbf", "a\x7f"})
        CHECK_MESSAGE(host_of(bad) == "none", bad);
}

TEST_CASE("a request asks the server of its absolute target or else that of its Host") {
    const auto asked = [](const http::Head& request) -> std::string {
        http::Target target;
        if (const auto refusal = http::parse_target(request, target))
            return std::to_string(refusal->status);
        return target.authority + " " + target.path;
    };
    const auto request = [](const std::string& method, const std::string& target,
                            const std::vector<http::Field>& fields) {
        return http::Head{.method = method, .target = target, .reason = {}, .fields = fields};
    };
    const std::vector<http::Field> host{{"hOST", "a:1"}};
    CHECK(asked(request("GET", "/b?c", host)) == "a:1 /b");
    CHECK(asked(request("GET", "http://c:2/b", host)) == "c:2 /b");
    CHECK(asked(request("OPTIONS", "*", host)) == "a:1 *");
    CHECK(asked(request("GET", "*", host)) == "400");
    CHECK(asked(request("CONNECT", "a:1", host)) == "501");
    CHECK(asked(request("GET", "/", {})) == "400");
    CHECK(asked(request("GET", "/", {{"Host", "a"}, {"host", "a"}})) == "400");
    CHECK(asked(request("GET", "http://a/", {})) == "400");
    CHECK(asked(request("GET", "http://a/", {{"Host", "[::1"}})) == "400");
    http::Head old = request("GET", "/b", {});
    old.minor_version = 0;
    CHECK(asked(old) == " /b");
}

TEST_CASE("a percent sign is followed by two hexadecimal digits") {
    for (const std::string bad : {"%", "%4", "%g0", "%0g", "%%41", "%+1", "%-1", "% 1", "%1 ",
                                  "%0x41", "%u0041", "%4%31"}) {
        CHECK_MESSAGE(parts("/" + bad) == "none", bad);
        CHECK_MESSAGE(parts("/?" + bad) == "none", bad);
        CHECK_MESSAGE(parts("/?a=b&c=" + bad) == "none", bad);
        CHECK_MESSAGE(form(bad + "=a") == "none", bad);
    }
    // The name ends, and the digits with it.
    CHECK(form("%4=1") == "none");
    CHECK(form("a=%4&1") == "none");
    CHECK(form("a=%41&1") == "[a=A][1=]");
}

TEST_CASE("a form has names and values and its empty parts are left out") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", ""},
        {"&", ""},
        {"&&a=b&&c=d&", "[a=b][c=d]"},
        {"a", "[a=]"},
        {"a=", "[a=]"},
        {"=a", "[=a]"},
        {"=", "[=]"},
        {"a==b=", "[a==b=]"},
        {"a=1&A=2&a=3", "[a=1][A=2][a=3]"},
        {"text=%2B+%26&name=a%3Db", "[text=+ &][name=a=b]"},
    };
    for (const auto& [text, expected] : cases) expect_bytes(expected, form(text), "of " + text);
}

TEST_CASE("of arguments of one name the first one counts") {
    const auto target = http::parse_target("/?a=1&A=2&a=3&empty");
    REQUIRE(target);
    CHECK(target->argument("a") == "1");
    CHECK(target->argument("A") == "2");
    CHECK(target->argument("empty") == "");
    CHECK_FALSE(target->argument("b"));
    CHECK_FALSE(target->argument(""));
    CHECK(http::value_in({{"x", "1"}, {"x", "2"}}, "x") == "1");
    CHECK_FALSE(http::value_in({}, "x"));
}

TEST_CASE("percent-encoded bytes are decoded to the same bytes") {
    CHECK(http::percent_encode("AZaz09-._~") == "AZaz09-._~");
    CHECK(http::percent_encode(" +&=%/?#\n\x7f"s) == "%20%2B%26%3D%25%2F%3F%23%0A%7F");
    CHECK(http::percent_encode("Ада\0\xff"s) == "%D0%90%D0%B4%D0%B0%00%FF");
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    const auto fields =
        http::parse_form(http::percent_encode(all) + "=" + http::percent_encode(all));
    REQUIRE(fields);
    REQUIRE(fields->size() == 1);
    CHECK(fields->front().name == all);
    CHECK(fields->front().value == all);
}

TEST_SUITE_END();
