// The contract of a server of HTTP/1.1: requests, however they arrive, and connections that are
// kept. Source: RFC 9112 and RFC 9110.
#include <doctest/doctest.h>

#include <chrono>
#include <ctime>
#include <string>

#include "tests/common/contract/http_contract.hpp"

using namespace lab::test;

TEST_SUITE_BEGIN("basic");

TEST_CASE("server answers one request after the other on the same connection") {
    const Server server(kHttp.step);
    Connection client(server);
    for (int i = 0; i < 3; ++i) {
        client.send(good_get());
        expect_status(receive_response(client, "RFC 9112, 9.3"), 200,
                      "HTTP/1.1 keeps the connection, unless one side says close");
    }
    client.send(good_post("kept"));
    const auto posted = receive_response(client, "RFC 9112, 9.3");
    expect_status(posted, kHttp.posted, "whatever is asked");
    // A server may end the connection after any answer, if it says so.
    if (lower(posted.head.value("Connection")) == "close") return;
    client.send(good_get());
    expect_status(receive_response(client, "RFC 9112, 9.3: a POST ends no connection either"), 200,
                  "read the body of a POST to its end, and no byte more");
}

TEST_CASE("server answers 404 for an unknown path and goes on with the connection") {
    const Server server(kHttp.step);
    Connection client(server);
    for (const std::string target : {"/nothing", "/nothing/here?a=b", "/..", "/etc/passwd"}) {
        client.send(http_request("GET", target));
        expect_status(receive_response(client, "404"), 404, "anything else is 404");
    }
    client.send(good_get());
    expect_status(receive_response(client, "a 404 breaks no rule of HTTP"), 200,
                  "the next request has an answer of its own");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("server takes a request byte by byte") {
    const Server server(kHttp.step);
    Connection client(server);
    for (const std::string& request : {good_get(), good_post("byte by byte")}) {
        for (const char byte : request) {
            client.send({&byte, 1});
            if (client.wait_for_bytes(std::chrono::milliseconds(1))) break;
        }
        const int status =
            receive_response(client, "gather until the request is whole").head.status();
        if (status != 200 && status != kHttp.posted)
            fail("its answer", std::to_string(status), "gather until the request is whole");
    }
    expect_posted(server, "byte by byte", true, "the body is whole too");
}

TEST_CASE("server takes a request in two pieces wherever it is cut") {
    const Server server(kHttp.step);
    const std::string request = good_post("in two pieces");
    Connection client(server);
    for (std::size_t cut = 1; cut < request.size(); cut += 3) {
        client.send(request.substr(0, cut));
        if (client.wait_for_bytes(std::chrono::milliseconds(1)))
            fail("silence", "bytes", "the request is not whole yet");
        client.send(request.substr(cut));
        expect_status(receive_response(client, "gather until the request is whole"), kHttp.posted,
                      "gather until the request is whole");
    }
}

TEST_CASE("server answers requests that come in one segment one by one in their order") {
    const Server server(kHttp.step);
    Connection client(server);
    std::string requests;
    for (int i = 0; i < 100; ++i) {
        requests += good_get() + good_post("pipelined") + http_request("GET", kNowhere) +
                    http_request("HEAD", kHttp.get);
    }
    // The answers to so many may fill what lies between us.
    if (!client.send_and_keep(requests)) fail("all is taken", "the end", "RFC 9112, 9.3.2");
    const std::string hint =
        "the bytes behind a request are the next one: keep them, and answer in order";
    for (int i = 0; i < 100; ++i) {
        expect_status(receive_response(client, hint), 200, hint);
        expect_status(receive_response(client, hint), kHttp.posted, hint);
        expect_status(receive_response(client, hint), 404, hint);
        if (receive_response(client, hint, true).head.status() != 200)
            fail("200", "something else", hint);
    }
    if (!client.is_silent()) fail("silence", "more", "one answer to each request");
}

TEST_CASE("server ends the connection after the answer to a request that says close") {
    const Server server(kHttp.step);
    for (const std::string fields :
         {"Connection: close\r\n", "connection: Close\r\n", "Connection: x, close\r\n"}) {
        Connection client(server);
        client.send(good_get(fields) + good_post("after close"));
        const HttpResponse response = receive_response(client, "first the answer");
        expect_status(response, 200, "first the answer");
        if (lower(response.head.value("Connection")) != "close")
            fail("Connection: close", response.head.fields, "say so too: RFC 9112, 9.6");
        client.expect_end("then the end, and no further answer: RFC 9112, 9.6");
    }
    expect_posted(server, "after close", false, "ignore the bytes that follow");
}

TEST_CASE("server answers HTTP/1.0 and then ends the connection") {
    const Server server(kHttp.step);
    for (const std::string fields : {"", "Host: localhost\r\n"}) {
        const HttpResponse response =
            ask_last(server, "GET " + kHttp.get + " HTTP/1.0\r\n" + fields + "\r\n",
                     "HTTP/1.0 knows no Host, and no connection that is kept");
        expect_status(response, 200, "HTTP/1.0 is answered too");
    }
}

TEST_CASE("server takes a target in absolute form") {
    const Server server(kHttp.step);
    expect_status(server, http_request("GET", "http://localhost" + kHttp.get), 200,
                  "RFC 9112, 3.2.2: a server must accept it");
    expect_status(server, http_request("GET", "HTTP://LocalHost:80" + kHttp.get), 200,
                  "RFC 3986, 3.1: a scheme is the same in capitals");
    expect_status(server, http_request("GET", "http://[::1]:80" + kNowhere), 404,
                  "the path follows the host");
}

TEST_CASE("server passes over an empty line before a request") {
    const Server server(kHttp.step);
    Connection client(server);
    for (int i = 0; i < 2; ++i) {
        client.send("\r\n" + good_get());
        expect_status(receive_response(client, "RFC 9112, 2.2"), 200,
                      "some clients send one more line end after a body");
    }
}

TEST_CASE("HEAD gets the head that GET gets and no body") {
    const Server server(kHttp.step);
    Connection client(server);
    client.send(good_get() + http_request("HEAD", kHttp.get) + http_request("HEAD", kNowhere) +
                good_get());
    const HttpHead got = receive_response(client, "GET").head;
    const HttpHead head = receive_response(client, "HEAD", true).head;
    expect_bytes(got.first_line, head.first_line, "RFC 9110, 9.3.2");
    for (const std::string name : {"Content-Type", "Content-Length"})
        expect_bytes(got.value(name), head.value(name), "RFC 9110, 9.3.2: " + name);
    const HttpHead nowhere = receive_response(client, "HEAD", true).head;
    if (nowhere.status() != 404) fail("404", nowhere.first_line, "HEAD is GET without the body");
    expect_status(receive_response(client, "a body would be taken for the next answer"), 200,
                  "HEAD is GET without the body");
}

TEST_CASE("server reads the body of a request that needs none and goes on after it") {
    const Server server(kHttp.step);
    Connection client(server);
    const std::string inside = good_post("inside a body");
    client.send(http_request("GET", kHttp.get, "", inside) +
                http_request("POST", kNowhere, "", inside) + good_get());
    const std::string hint = "the body ends where its length says: no byte of it is a request";
    expect_status(receive_response(client, hint), 200, hint);
    expect_status(receive_response(client, hint), 404, hint);
    expect_status(receive_response(client, hint), 200, hint);
    expect_posted(server, "inside a body", false, hint);
}

TEST_CASE("server says 100 to a client that waits for it before it sends the body") {
    const Server server(kHttp.step);
    Connection client(server);
    const std::string request = good_post("continued", "Expect: 100-continue\r\n");
    const std::size_t body = request.find("\r\n\r\n") + 4;
    for (int i = 0; i < 2; ++i) {
        client.send(request.substr(0, body));
        const HttpHead interim = receive_head(client, "RFC 9110, 10.1.1");
        if (interim.status() != 100)
            fail("100 Continue", interim.first_line, "curl waits a second for it");
        client.send(request.substr(body));
        expect_status(receive_response(client, "then the answer"), kHttp.posted, "then the answer");
    }
    expect_posted(server, "continued", true, "the body came after the 100");
}

TEST_CASE("server answers 405 with Allow to a method that it does not take") {
    const Server server(kHttp.step);
    for (const std::string method : {"DELETE", "PUT", "OPTIONS", "BREW"}) {
        for (const std::string& target : {kHttp.get, kHttp.post}) {
            const HttpResponse response =
                expect_status(server, http_request(method, target), 405, "RFC 9110, 15.5.6");
            const std::string wanted = target == kHttp.get ? "GET" : "POST";
            if (response.head.value("Allow").find(wanted) == std::string::npos)
                fail("Allow: " + wanted, response.head.fields,
                     "a 405 says which methods are allowed");
        }
    }
    expect_status(server, http_request("POST", "/", "Content-Type: text/plain\r\n", "x"), 405,
                  "the page cannot be posted to");
}

TEST_CASE("server answers OPTIONS for itself as a whole") {
    const Server server(kHttp.step);
    const HttpResponse response =
        ask(server, http_request("OPTIONS", "*"), "RFC 9110, 9.3.7: it is no bad request");
    expect_one_of(response, {405, 200, 204}, "RFC 9110, 9.3.7: it is no bad request");
    for (const std::string method : {"GET", "POST"}) {
        if (response.head.value("Allow").find(method) == std::string::npos)
            fail("Allow: " + method, response.head.fields,
                 "say which protocol the client has to ask for");
    }
}

TEST_CASE("each response says when it was made") {
    const Server server(kHttp.step);
    for (const std::string& request :
         {good_get(), good_post("dated"), http_request("GET", kNowhere),
          http_request("DELETE", kHttp.get), std::string("GET\r\n\r\n")}) {
        const std::string date = ask(server, request, "RFC 9110, 6.6.1").head.value("Date");
        // As in "Sun, 06 Nov 1994 08:49:37 GMT".
        std::tm parts{};
        const char* const end = strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        if (date.size() != 29 || !end || *end)
            fail("Date: Sun, 06 Nov 1994 08:49:37 GMT", lab::visible(date), "RFC 9110, 5.6.7");
        const double late = std::difftime(std::time(nullptr), timegm(&parts));
        if (late < -2 || late > 60) fail("the time of now", date, "in Greenwich: RFC 9110, 5.6.7");
    }
}

TEST_SUITE_END();
