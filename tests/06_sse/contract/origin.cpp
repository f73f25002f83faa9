// The contract of the server of 06_sse: which pages may read and publish.
#include <doctest/doctest.h>

#include <string>

#include "tests/06_sse/support/event_stream.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "06_sse";

const std::string kText = "Content-Type: text/plain\r\n";
const std::string kForm = "Content-Type: application/x-www-form-urlencoded\r\n";

// As a browser sends it.
std::string origin(const std::string& value) {
    return "Origin: " + value + "\r\n";
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("pages of the server itself may read and publish and pages from elsewhere may not") {
    const Server server(kStep);
    EventStream listener(server, "/events", origin("http://localhost"));
    const std::string own = "http://127.0.0.1:" + server.port();
    const std::string host = "Host: 127.0.0.1:" + server.port() + "\r\n";
    const EventStream at_address(Connection(server),
                                 "GET /events HTTP/1.1\r\n" + host + origin(own) + "\r\n");
    for (const std::string foreign :
         {"http://evil.example", "null", "http://localhost.evil.example", "http://localhost0",
          "http://localhost/", "https://localhost", "http://localhost, http://evil.example", "*",
          "http://localhost:1"}) {
        const std::string hint =
            "any page that you visit can have your browser ask localhost: "
            "compare the whole Origin";
        const std::string field = origin(foreign);
        expect_status(server, http_request("GET", "/events", field), 403, hint);
        expect_status(server, publish_request("x", "", field + kText), 403, hint);
        expect_status(server, publish_request("text=x", "", field + kForm), 403, hint);
    }
    expect_status(
        server,
        http_request("GET", "/events", origin("http://localhost") + origin("http://evil.example")),
        403, "two Origins are none");
    if (publish(server, "the first") != 1)
        fail("the id 1", "another", "a refused event is not published");
    listener.expect({"1", "", "the first"}, "the own page reads");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("pages that are allowed may read and publish and are told so") {
    const Server server(kStep, {"--allow-origin", "https://a.example", "--allow-origin", "null"});
    for (const std::string allowed : {"https://a.example", "null", "http://localhost"}) {
        const std::string hint =
            "a browser shows a page only what Access-Control-Allow-Origin "
            "gives it";
        EventStream stream(server, "/events", origin(allowed));
        expect_bytes(allowed, stream.head().value("Access-Control-Allow-Origin"), hint);
        const HttpResponse response =
            expect_status(server, publish_request("x", "", origin(allowed) + kText), 202, hint);
        expect_bytes(allowed, response.head.value("Access-Control-Allow-Origin"), hint);
    }
    for (const std::string foreign :
         {"https://b.example", "http://a.example", "https://a.example:8443"}) {
        const HttpResponse response = expect_status(
            server, http_request("GET", "/events", origin(foreign)), 403, "no other page may");
        expect_bytes("", response.head.value("Access-Control-Allow-Origin"), "nor read the answer");
    }
    EventStream program(server);
    expect_bytes("", program.head().value("Access-Control-Allow-Origin"), "a program is no page");
}

TEST_CASE("with a star every page may read and publish") {
    const Server server(kStep, {"--allow-origin", "*"});
    for (const std::string any : {"http://anyone.example", "null"}) {
        EventStream stream(server, "/events", origin(any));
        if (stream.head().value("Access-Control-Allow-Origin").empty())
            fail("Access-Control-Allow-Origin", stream.head().fields, "--allow-origin '*'");
    }
}

TEST_SUITE_END();
