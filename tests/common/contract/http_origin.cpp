// The contract of a server of HTTP/1.1: pages of other origins, and what a browser asks for them
// before it sends anything. Source: WHATWG, Fetch, section 3.3 (CORS).
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/common/contract/http_contract.hpp"

using namespace lab::test;

namespace {

// As a browser asks, for a page of `origin`, whether the page may send what the step shares.
std::string preflight(const std::string& origin) {
    return http_request("OPTIONS", kHttp.shared,
                        "Origin: " + origin + "\r\nAccess-Control-Request-Method: POST\r\n" +
                            "Access-Control-Request-Headers: " + lower(kHttp.shared_field) +
                            "\r\n");
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("a browser learns that a page of an allowed origin may send header fields of its own") {
    const Server server(kHttp.step, {"--allow-origin", "https://a.example"});
    const HttpHead head =
        expect_status(server, preflight("https://a.example"), 204, "answer the preflight").head;
    const auto expect_listed = [&](const std::string& name, const std::string& wanted) {
        if (lower(head.value(name)).find(lower(wanted)) == std::string::npos)
            fail(name + ": " + wanted, lab::visible(head.fields, 600),
                 "without it nothing is sent");
    };
    expect_listed("Access-Control-Allow-Origin", "https://a.example");
    expect_listed("Access-Control-Allow-Methods", "GET");
    expect_listed("Access-Control-Allow-Headers", kHttp.shared_field);
    expect_listed("Vary", "Origin");
    expect_status(server, preflight("https://b.example"), 403, "nobody has allowed it");
    expect_status(server, preflight("null"), 403, "nobody has allowed it");
}

TEST_CASE("without --allow-origin a browser learns that other pages may send nothing") {
    const Server server(kHttp.step);
    expect_status(server, preflight("https://a.example"), 403, "nobody has allowed it");
}

TEST_CASE("an origin is the same in capitals and with the scheme's own port") {
    const Server server(kHttp.step, {"--allow-origin", "HTTPS://A.example:443"});
    expect_status(server, preflight("https://a.example"), 204, "RFC 6454, 4");
    expect_status(server, preflight("https://a.example:8443"), 403, "another port: another origin");
    const auto from = [](const std::string& host, const std::string& origin) {
        return "POST " + kHttp.post + " HTTP/1.1\r\nHost: " + host + "\r\nOrigin: " + origin +
               "\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello";
    };
    for (const auto& [host, origin] : std::vector<std::pair<std::string, std::string>>{
             {"LocalHost:80", "http://localhost"},
             {"localhost", "HTTP://LOCALHOST:80"},
             {"[0:0:0:0:0:0:0:1]:8000", "http://[::1]:8000"}}) {
        expect_status(server, from(host, origin), kHttp.posted, "RFC 6454, 4: " + host);
    }
    for (const auto& [host, origin] :
         std::vector<std::pair<std::string, std::string>>{{"localhost:80", "https://localhost"},
                                                          {"localhost:443", "http://localhost"},
                                                          {"[::1]:8000", "http://[::2]:8000"},
                                                          {"", "http://"}}) {
        expect_status(server, from(host, origin), 403, "another origin: " + host);
    }
}

TEST_CASE("the server of an absolute target counts and not that of the Host") {
    const Server server(kHttp.step);
    const auto to = [](const std::string& authority) {
        return http_request("POST", "http://" + authority + kHttp.post,
                            "Origin: http://a.example\r\nContent-Type: text/plain\r\n", "hello");
    };
    const std::string hint = "RFC 9112, 3.2.2: the Host is ignored";
    expect_status(server, to("A.example:80"), kHttp.posted, hint);
    expect_status(server, to("b.example"), 403, hint);
}

TEST_SUITE_END();
