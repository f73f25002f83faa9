// Unit tests of who may enter 05_ws_chat.
#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "05_ws_chat/admission.hpp"

using namespace ws_chat;

namespace {

http::Request request_for(const std::string& path, const std::optional<std::string>& origin,
                          const std::vector<http::Field>& arguments = {}) {
    http::Request request;
    request.head.method = "GET";
    request.head.fields = {{"Host", "localhost:8000"},
                           {"Upgrade", "websocket"},
                           {"Connection", "Upgrade"},
                           {"Sec-WebSocket-Version", "13"},
                           {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    if (origin) request.head.fields.push_back({"Origin", *origin});
    request.target = {path, arguments, "localhost:8000"};
    return request;
}

http::Request request_from(const std::string& origin) {
    return request_for("/ws", origin);
}

int status_of(const http::Request& request, const Rules& rules = {}) {
    const auto response = response_to(request, rules);
    return response ? response->status : 101;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("admission is decided by path then origin then token then name") {
    CHECK(status_of(request_for("/ws", {})) == 101);
    const Rules rules{.secure = false, .allow_origins = {}, .token = "s3cret"};
    const std::string own = "http://localhost:8000";
    CHECK(status_of(request_for("/", "null", {{"name", "\n"}}), rules) == 404);
    CHECK(status_of(request_for("/ws", "null", {{"name", "\n"}}), rules) == 403);
    CHECK(status_of(request_for("/ws", own, {{"name", "\n"}}), rules) == 401);
    CHECK(status_of(request_for("/ws", own, {{"name", "\n"}, {"token", "s3cret"}}), rules) == 400);
    CHECK(status_of(request_for("/ws", own, {{"name", "Ada"}, {"token", "s3cret"}}), rules) == 101);
    CHECK(status_of(request_for("/ws", own, {{"name", "Ada"}}), rules) == 401);
}

TEST_CASE("with TLS a subprotocol is refused because the library would answer with silence") {
    http::Request request = request_for("/ws", {});
    request.head.fields.push_back({"Sec-WebSocket-Protocol", "mqtt"});
    CHECK(status_of(request) == 101);
    CHECK(status_of(request, {.secure = true, .allow_origins = {}, .token = {}}) == 400);
}

TEST_CASE("an origin is compared as a whole with the own one and those allowed") {
    CHECK(status_of(request_from("http://localhost:8000")) == 101);
    for (const std::string foreign :
         {"https://localhost:8000", "http://localhost", "http://localhost:80000", "null", "", "*",
          "http://evil.example", "http://localhost:8000.evil.example", "http://localhost:8000/"})
        CHECK_MESSAGE(status_of(request_from(foreign)) == 403, foreign);

    const Rules secure{.secure = true, .allow_origins = {}, .token = {}};
    CHECK(status_of(request_from("https://localhost:8000"), secure) == 101);
    CHECK(status_of(request_from("http://localhost:8000"), secure) == 403);
    const Rules two{.secure = false, .allow_origins = {"null", "http://a.example"}, .token = {}};
    CHECK(status_of(request_from("null"), two) == 101);
    CHECK(status_of(request_from("http://a.example"), two) == 101);
    CHECK(status_of(request_from("http://b.example"), two) == 403);
    const Rules all{.secure = false, .allow_origins = {"*"}, .token = {}};
    CHECK(status_of(request_from("http://evil.example"), all) == 101);
}

TEST_CASE("a refusal shows no control character of the refused client") {
    const auto response = response_to(request_from("http://\x1b[2J"), {});
    REQUIRE(response);
    CHECK(http::to_bytes(*response, http::Persistence::close).find('\x1b') == std::string::npos);
}

TEST_SUITE_END();
