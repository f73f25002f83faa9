// Unit tests of which pages may talk to a server.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/page.hpp"

namespace {

using List = std::vector<std::string>;

http::Head request(const std::vector<http::Field>& fields) {
    http::Head head;
    head.fields = fields;
    return head;
}

int status_of(const http::Head& head, const List& allowed = {}) {
    const auto hosts = head.values("Host");
    const auto fault = http::check_origin(head, hosts.empty() ? "" : hosts[0], allowed);
    return fault ? fault->status : 200;
}

// Whether a page of `origin` may talk to a server whose own pages have the origin `own`.
bool is_allowed(const std::string& origin, const std::string& own, const List& allowed) {
    const std::string authority = own.substr(std::min(own.find("://") + 3, own.size()));
    return !http::check_origin(request({{"Origin", origin}}), authority, allowed,
                               own.starts_with("https"));
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("an origin is compared as a whole") {
    const std::string own = "http://localhost:8000";
    CHECK(is_allowed(own, own, {}));
    const List foreign{"https://localhost:8000",
                       "http://localhost",
                       "http://localhost:80",
                       "http://localhost:80000",
                       "http://localhost:8000.evil.example",
                       "http://localhost:8000/",
                       "http://evil.example",
                       "null",
                       "*"};
    for (const std::string& origin : foreign) {
        CHECK_FALSE_MESSAGE(is_allowed(origin, own, {}), origin);
        CHECK_MESSAGE(is_allowed(origin, own, {"http://a", origin}), origin);
        CHECK_MESSAGE(is_allowed(origin, own, {"*"}), origin);
    }
    CHECK_FALSE(is_allowed("http://a", own, {"http://a.example", "http://", ""}));
}

TEST_CASE("a page of another origin is refused unless it is allowed") {
    const auto from = [](const std::string& origin) {
        return request({{"Host", "localhost:8006"}, {"origin", origin}});
    };
    CHECK(status_of(from("http://localhost:8006")) == 200);
    CHECK(status_of(from("http://evil.example")) == 403);
    CHECK(status_of(from("https://localhost:8006")) == 403);
    CHECK(status_of(from("null")) == 403);
    CHECK(status_of(from("")) == 403);
    CHECK(status_of(from("http://a.example"), {"null", "http://a.example"}) == 200);
    CHECK(status_of(from("null"), {"null", "http://a.example"}) == 200);
    CHECK(status_of(from("http://evil.example"), {"*"}) == 200);
    // The own pages stay allowed.
    CHECK(status_of(from("http://localhost:8006"), {"http://a.example"}) == 200);
}

TEST_CASE("one origin can be written in many ways") {
    const auto is_own = [](const std::string& origin, const std::string& own) {
        return is_allowed(origin, own, {}) && is_allowed(origin, "http://other", {own});
    };
    CHECK(is_own("http://localhost", "HTTP://LocalHost:80"));
    CHECK(is_own("HTTP://LOCALHOST:80", "http://localhost"));
    CHECK(is_own("http://localhost:", "http://localhost"));
    CHECK(is_own("http://localhost:08006", "http://localhost:8006"));
    CHECK(is_own("https://a.example", "https://A.example:443"));
    CHECK(is_own("http://[::1]:8006", "http://[0:0:0:0:0:0:0:1]:8006"));
    CHECK(is_own("http://[fe80::a]", "http://[FE80:0::A]:80"));
    const std::vector<std::pair<std::string, std::string>> different{
        {"http://localhost", "http://localhost:443"},
        {"https://localhost", "https://localhost:80"},
        {"http://localhost", "https://localhost"},
        {"http://localhost", "http://localhost."},
        {"http://127.0.0.1", "http://localhost"},
        {"http://[::1]", "http://[::2]"},
        {"http://a,http://a", "http://a"},
        {"http://a@b", "http://b"},
        {"http://a:b", "http://a"},
        {"http://:80", "http://"},
        {"NULL", "null"},
    };
    // Clang before 16 does not let a structured binding into the lambda that INFO makes.
    for (const auto& pair : different) {
        INFO(pair.first);
        CHECK_FALSE(is_allowed(pair.first, pair.second, {pair.second}));
        CHECK_FALSE(is_allowed(pair.second, pair.first, {pair.first}));
    }
}

TEST_CASE("a browser learns which headers a page of another origin may send") {
    http::Head asks = request({{"Host", "a"},
                               {"Origin", "http://b"},
                               {"Access-Control-Request-Method", "POST"},
                               {"Access-Control-Request-Headers", "x"}});
    CHECK_FALSE(http::preflight_response(asks, "POST", "X"));
    asks.method = "OPTIONS";
    const auto response = http::preflight_response(asks, "GET, POST", "X, Y");
    REQUIRE(response);
    CHECK(response->status == 204);
    std::string fields;
    for (const auto& field : response->fields) fields += field.name + ": " + field.value + "\n";
    CHECK(fields ==
          "Access-Control-Allow-Origin: http://b\nVary: Origin\n"
          "Access-Control-Allow-Methods: GET, POST\nAccess-Control-Allow-Headers: X, Y\n"
          "Access-Control-Max-Age: 600\n");
    http::Head plain = asks;
    plain.fields.resize(2);
    CHECK_FALSE(http::preflight_response(plain, "POST", "X"));
    std::erase_if(asks.fields, [](const auto& field) { return field.name == "Origin"; });
    CHECK_FALSE(http::preflight_response(asks, "POST", "X"));
}

TEST_CASE("a program has no origin and is not refused") {
    CHECK(status_of(request({{"Host", "a"}})) == 200);
    CHECK(status_of(request({})) == 200);
    // HTTP/1.0 may lack the Host.
    for (const std::string origin : {"http://a", "http://", ""})
        CHECK(status_of(request({{"Origin", origin}})) == 403);
}

TEST_CASE("two origins are none that is allowed") {
    const std::vector<http::Field> two{
        {"Host", "a"}, {"Origin", "http://a"}, {"Origin", "http://evil.example"}};
    CHECK(status_of(request(two)) == 403);
    CHECK(status_of(request({two[0], two[2], two[1]})) == 403);
    CHECK(status_of(request({two[0], two[1], two[1]})) == 403);
    CHECK(status_of(request(two), {"http://evil.example"}) == 403);
}

TEST_CASE("a refusal shows no control character of the refused client") {
    const auto fault = http::check_origin(request({{"Origin", "http://\x1b[2J"}}), "a", {});
    REQUIRE(fault);
    CHECK(fault->text.find('\x1b') == std::string::npos);
    CHECK(fault->text.starts_with("pages of http://"));
}

TEST_CASE("a response names the origin that may read it and caches keep it for that alone") {
    CHECK(http::cross_origin_fields(request({{"Host", "a"}})).empty());
    const auto fields = http::cross_origin_fields(request({{"Origin", "http://a"}}));
    REQUIRE(fields.size() == 2);
    CHECK(fields[0].name == "Access-Control-Allow-Origin");
    CHECK(fields[0].value == "http://a");
    CHECK(fields[1].name == "Vary");
    CHECK(fields[1].value == "Origin");
}

TEST_SUITE_END();
