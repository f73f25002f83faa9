// The contract of the server of 07_longpoll: which pages may talk to it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "common/visible.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;

namespace {

// What a browser calls a page of the server itself: the tests' requests say Host: localhost.
const std::string kOwn = "http://localhost";

// As a browser sends it.
std::string origin(const std::string& value) {
    return "Origin: " + value + "\r\n";
}

std::string ask_from(const std::string& fields) {
    return http_request("GET", "/messages?wait=0", fields);
}

std::string post_from(const std::string& fields) {
    return http_request("POST", "/messages", fields + "Content-Type: text/plain\r\n", "hello");
}

void expect_foreign(const Server& server, const std::string& fields, Place place = Place::here()) {
    const std::string hint =
        "any page that you visit may send requests to localhost: compare the whole Origin with "
        "http:// and the Host: " +
        lab::visible(fields);
    expect_status(server, ask_from(fields), 403, hint, place);
    expect_status(server, post_from(fields), 403, hint, place);
}

void expect_readable(const HttpResponse& response, const std::string& by,
                     Place place = Place::here()) {
    const std::string allowed = response.head.value("Access-Control-Allow-Origin");
    if (allowed != by && allowed != "*") {
        fail("Access-Control-Allow-Origin: " + by, lab::visible(response.head.fields, 400),
             "without it the browser keeps the answer from the page", place);
    }
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("a page of the server itself may ask and post and a page from elsewhere may not") {
    const Server server(kStep);
    for (const std::string& fields : {std::string(), origin(kOwn)}) {
        expect_status(server, ask_from(fields), 200, "a program has no Origin; the page its own");
        expect_status(server, post_from(fields), 201, "a program has no Origin; the page its own");
    }
    for (const std::string& foreign :
         {std::string("http://evil.example"), std::string("null"), kOwn + ".evil.example",
          kOwn + ":81", kOwn + "/", std::string("https://localhost"), std::string("localhost"),
          kOwn + ", http://evil.example", "http://evil.example, " + kOwn, std::string("*"),
          std::string("")})
        expect_foreign(server, origin(foreign));
    expect_foreign(server, origin(kOwn) + origin("http://evil.example"));
    expect_foreign(server, origin("http://evil.example") + origin(kOwn));
    CHECK_MESSAGE(Caller(server).news_of("wait=0", "an answer").last == 2,
                  "a refused message is not said");
}

TEST_CASE("a page from elsewhere cannot hold a place by waiting") {
    const Server server(kStep);
    expect_status(server,
                  http_request("GET", "/messages?after=0&wait=60", origin("http://evil.example")),
                  403, "refuse before you park");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("origins that are allowed may ask and post and read the answers") {
    const Server server(kStep, {"--allow-origin", "https://a.example", "--allow-origin", "null"});
    for (const std::string allowed : {"https://a.example", "null"}) {
        expect_readable(expect_status(server, ask_from(origin(allowed)), 200, "--allow-origin"),
                        allowed);
        expect_readable(expect_status(server, post_from(origin(allowed)), 201, "--allow-origin"),
                        allowed);
    }
    expect_status(server, ask_from(origin(kOwn)), 200, "the own one stays");
    for (const std::string foreign :
         {"https://b.example", "http://a.example", "https://a.example:8443", "https://a.example."})
        expect_foreign(server, origin(foreign));
}

TEST_CASE("a parked answer can be read by the page that was allowed to ask") {
    const Server server(kStep, {"--allow-origin", "https://a.example"});
    Caller waiter(server);
    waiter.connection().send(
        http_request("GET", "/messages?after=0&wait=25", origin("https://a.example")));
    // Another, who waits for the same, has no Origin: what is shared must not be the head.
    Caller other(server);
    other.ask("after=0&wait=25");
    settle(server);
    Caller(server).post("hello");
    expect_readable(receive_response(waiter.connection(), "there is news"), "https://a.example");
    const HttpResponse plain = receive_response(other.connection(), "there is news");
    CHECK(plain.head.value("Access-Control-Allow-Origin").empty());
}

TEST_CASE("with a star every page may ask and post") {
    const Server server(kStep, {"--allow-origin", "*"});
    for (const std::string any : {"http://evil.example", "null"}) {
        expect_readable(expect_status(server, ask_from(origin(any)), 200, "'*' is for all"), any);
        expect_status(server, post_from(origin(any)), 201, "'*' is for all");
    }
}

TEST_SUITE_END();
