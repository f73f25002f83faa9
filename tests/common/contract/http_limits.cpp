// The contract of a server of HTTP/1.1: its limits, and what follows from each.
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <vector>

#include "tests/common/contract/http_contract.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/promises.hpp"

using namespace lab::test;

namespace {

// A new client that is served, at the latest when the server has seen who has left.
Connection enter_when_there_is_room(const Server& server, const std::string& hint,
                                    Place place = Place::here()) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    for (;;) {
        Connection client(server);
        client.try_send(good_get());
        const HttpResponse response = receive_response(client, hint, false, place);
        if (response.head.status() == 503 && std::chrono::steady_clock::now() < deadline) continue;
        expect_status(response, 200, hint, place);
        return client;
    }
}

// `count` clients, each of which has been served once and stays.
std::vector<Connection> stay(const Server& server, int count, Place place = Place::here()) {
    std::vector<Connection> clients;
    for (int i = 0; i < count; ++i) {
        clients.emplace_back(server);
        clients.back().send(good_get(), place);
        expect_status(receive_response(clients.back(), "there is room", false, place), 200,
                      "there is room", place);
    }
    return clients;
}

}  // namespace

TEST_SUITE_BEGIN("robust");

TEST_CASE("server answers 414 to a target over 8000 bytes and takes one of 8000") {
    const Server server(kHttp.step);
    const auto target = [](std::size_t size) { return std::string("/").append(size - 1, 'x'); };
    const std::string hint = "bound the target: it may never end";
    expect_status(server, http_request("GET", target(8000)), 404, "RFC 9112, 3");
    expect_refused(server, http_request("GET", target(8001)), 414, hint);
    expect_refused(server, "GET " + target(30'000), 414, "a line without an end");
    expect_good(server, "only the refused client is sent away");
}

TEST_CASE("a method that is too long is not called a target that is too long") {
    const Server server(kHttp.step);
    for (const std::size_t size : {100U, 9000U, 30'000U}) {
        const std::string request =
            std::string(size, 'M') + " / HTTP/1.1\r\nHost: localhost\r\n\r\n";
        expect_one_of(ask_last(server, request, "RFC 9112, 3"), {501, 400}, "RFC 9112, 3");
    }
    expect_good(server, "only the refused client is sent away");
}

TEST_CASE("server answers 431 to a head over 16 KiB and takes one of 16 KiB") {
    const Server server(kHttp.step);
    const auto request = [](std::size_t size) {
        std::string lines;
        while (good_get(lines).size() + 1100 < size) lines += "X: " + text_of(995) + "\r\n";
        const std::size_t rest = size - good_get(lines).size();
        return good_get(lines + "Y: " + std::string(rest - 5, 'y') + "\r\n");
    };
    const std::string hint = "bound the head: it may never end";
    expect_status(server, request(16'384), 200, "16 KiB are allowed");
    expect_refused(server, request(16'385), 431, hint);
    expect_refused(server, "GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x'), 431, hint);
    expect_refused(server, request(20'000), 431, hint);
    expect_good(server, "only the refused client is sent away");
}

TEST_CASE("server answers 413 to a body over 64 KiB and takes one of 64 KiB") {
    const Server server(kHttp.step);
    const std::string hint = "bound the body: 64 KiB";
    expect_status(server, good_post(text_of(65'536)), kHttp.posted, "64 KiB are allowed");
    const std::string large = good_post(text_of(65'537));
    expect_refused(server, large.substr(0, large.find("\r\n\r\n") + 4), 413,
                   "the length is known before the body comes");
    expect_refused(server, large, 413, hint);
    const std::string waits = good_post(text_of(65'537), "Expect: 100-continue\r\n");
    expect_refused(server, waits.substr(0, waits.find("\r\n\r\n") + 4), 413,
                   "a client that waits for 100 is told before it sends the body");
}

TEST_CASE("server answers 413 to chunks of more than 64 KiB in all") {
    const Server server(kHttp.step);
    const std::string hint = "bound the sum of the chunks";
    const std::string half = chunk(text_of(32'768));
    expect_status(server, chunked_post(half + half + std::string(kLastChunk)), kHttp.posted,
                  "64 KiB are allowed");
    expect_refused(server, chunked_post(half + half + chunk("x")), 413, hint);
    expect_refused(server, chunked_post("10001\r\n"), 413, "a chunk says its size first");
    expect_refused(server, chunked_post("ffffffffffffffff\r\n"), 413, "however much it says");
    Connection client(server);
    std::string endless = chunked_post("");
    for (int i = 0; i < 3000; ++i) endless += "1;" + std::string(20, 'x') + "\r\ny\r\n";
    for (int i = 0; i < 70; ++i) (void)client.send_and_keep(i ? "1\r\n" + line_of(1) : endless);
    expect_good(server, "small chunks with much around them harm nobody");
}

TEST_CASE("server refuses a body whose chunks are followed by a trailer without an end") {
    const Server server(kHttp.step);
    std::string trailer = chunk("x").append("0\r\n");
    while (trailer.size() < 40'000) trailer += "X: " + text_of(995) + "\r\n";
    expect_one_of(ask_last(server, chunked_post(trailer), "bound the trailer"), {400, 413, 431},
                  "bound the trailer as you bound the head");
    const std::string extension = "1;" + std::string(40'000, 'x');
    expect_one_of(ask_last(server, chunked_post(extension), "bound the line"), {400, 413, 431},
                  "bound the line that says a chunk's size");
}

TEST_CASE("server answers 505 to another version of HTTP") {
    const Server server(kHttp.step);
    for (const std::string version : {"HTTP/2.0", "HTTP/0.9", "HTTP/3.1"}) {
        expect_refused(server, "GET / " + version + "\r\nHost: localhost\r\n\r\n", 505,
                       "HTTP/1.1 is spoken here");
    }
    expect_refused(server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "how HTTP/2 begins");
    expect_good(server, "only the refused client is sent away");
}

TEST_CASE("a refusal arrives although the body is still being sent") {
    Server server(kHttp.step);
    const std::string request = good_post(text_of(20'000'000));
    const std::string hint =
        "close with unread bytes sends a reset, which destroys what was sent last: end our half "
        "first, and read on for a while";
    for (int i = 0; i < 2; ++i) {
        Connection client(server);
        // More is there than a server reads at once, and more comes when the answer is here.
        server.pause();
        client.send_until_full(request, std::chrono::milliseconds(0));
        server.send_signal(SIGCONT);
        expect_status(receive_response(client, hint), 413, hint);
        client.send(text_of(1000));
        client.expect_end(hint);
        client.expect_no_reset(hint);
    }
}

TEST_CASE("a client that takes nothing of its answers for 10 s is cut off") {
    using namespace std::chrono_literals;
    const Server server(kHttp.step);
    // Made before it connects: that takes seconds on a busy machine.
    std::string requests;
    while (requests.size() < 20'000'000) requests += good_get();
    // With the usual buffer: a client with little room for what comes may not hear a reset.
    Connection greedy(server);
    // A server in an interpreter answers for seconds until nothing more can leave it: what counts
    // begins when it takes no more.
    const auto pause = 3s;
    const std::size_t sent = greedy.send_until_full(requests, pause);
    const auto begin = std::chrono::steady_clock::now() - pause;
    if (sent == requests.size()) fail("an end", "all taken", "do not read on: nobody takes it");
    // There is no room to send until the connection is reset.
    if (greedy.can_send(16s)) fail("the end after 10 s", "it reads on", "nobody takes it");
    const auto passed = std::chrono::steady_clock::now() - begin;
    if (passed < 8s || took_longer(passed, 15s))
        fail("10 s", std::to_string(passed / 1ms) + " ms", "bound how long it may be");
    expect_good(server, "nobody else notices");
}

TEST_CASE("a request that is not whole after 10 s is answered 408 although bytes trickle in") {
    using namespace std::chrono_literals;
    const Server server(kHttp.step);
    Connection silent(server);
    Connection in_head(server);
    in_head.send("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ");
    Connection in_body(server);
    in_body.send(
        http_request("POST", kHttp.post, "Content-Type: text/plain\r\nContent-Length: 60000\r\n"));
    const auto begin = std::chrono::steady_clock::now();
    for (Connection* const client : {&in_head, &in_body}) {
        while (!client->wait_for_bytes(100ms)) {
            in_head.try_send("x");
            in_body.try_send("x");
            if (std::chrono::steady_clock::now() - begin > 16s)
                fail("408 after 10 s", "nothing", "a deadline for all of it, not for each byte");
        }
        if (std::chrono::steady_clock::now() - begin < 8s)
            fail("10 s for a request", "less than 8", "not too strict");
        expect_status(receive_response(*client, "RFC 9110, 15.5.9"), 408, "RFC 9110, 15.5.9");
        client->receive_to_end("then end the connection");
    }
    silent.receive_to_end("a client that connects and says nothing must not keep a place for ever");
    expect_good(server, "a client that asks is answered");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("one client too many gets 503 and the place of a client that leaves is free again") {
    const Server server(kHttp.step, {"--max-clients", "3"});
    std::vector<Connection> clients = stay(server, 3);
    Connection refused(server);
    const HttpResponse response = receive_response(refused, "say why, without waiting for it");
    expect_status(response, 503, "more than --max-clients: 503");
    if (response.head.value("Retry-After").empty())
        fail("Retry-After", response.head.fields, "say when it is worth to try again");
    refused.expect_end("then close in order, so that the answer arrives");
    // It stays, and so do others: what they hold is no place.
    std::vector<Connection> more;
    for (int i = 0; i < 20; ++i) more.emplace_back(server);
    clients.pop_back();
    clients.push_back(enter_when_there_is_room(server, "one has left: there is room for one"));
    for (Connection& client : more)
        expect_status(receive_response(client, "503"), 503, "each of them is told");
    clients.clear();
    for (int i = 0; i < 3; ++i) {
        clients.push_back(enter_when_there_is_room(
            server, "a refused client holds no place, even if it does not leave"));
    }
    expect_status(ask(server, "", "say why, without waiting for it"), 503, "three are there");
}

TEST_CASE("a client that sends requests and reads no answers takes little memory") {
    Server server(kHttp.step);
    Connection greedy(server, 4096);
    std::string requests;
    for (int i = 0; i < 5000; ++i) requests += good_get();
    std::size_t sent = 0;
    for (int i = 0; i < 1000; ++i) {
        const std::size_t taken = greedy.send_until_full(requests, std::chrono::milliseconds(300));
        sent += taken;
        if (taken < requests.size()) break;
    }
    if (sent > 40'000'000) {
        fail("an end", std::to_string(sent) + " bytes",
             "leave the requests in the kernel: do not read from a client that takes no answers");
    }
    expect_good(server, "nobody else notices");
    expect_little_memory(server, "answer the next request when the answer before it is sent");
}

TEST_CASE("server out of descriptors neither ends nor spins and lets the next in when one leaves") {
    // Of 40 descriptors the server needs some itself: that many clients do not fit.
    Server server({"sh", "-c", "ulimit -n 40 && exec \"$0\" server --port 0 --max-clients 40",
                   path_of(kHttp.step)});
    std::vector<Connection> clients = stay(server, 2);
    std::vector<Connection> more;
    for (int i = 0; i < 60; ++i) more.emplace_back(server);
    clients[0].send(good_get());
    expect_status(receive_response(clients[0], "EMFILE from accept is no reason to end"), 200,
                  "EMFILE from accept is no reason to end");
    expect_idle(server, clients[0], std::chrono::milliseconds(1000),
                "after EMFILE the listener stays readable: leave it out for a while");
    Connection last = std::move(more.back());
    more.clear();
    last.send(good_get());
    const int status = receive_response(last, "accept again once somebody has left").head.status();
    if (status != 200 && status != 503)
        fail("200, or 503", std::to_string(status), "accept again once somebody has left");
    enter_when_there_is_room(server, "all of them have left");
    server.expect_clean_end();
}

TEST_CASE("server does not start when it may not have a descriptor for each client") {
    Program server({"sh", "-c", "ulimit -n 100 && exec \"$0\" server --port 0 --max-clients 101",
                    path_of(kHttp.step)});
    server.expect_exit(1, "better now than when the clients are there");
    server.expect_error(kHttp.step + ": --max-clients 101", "say what is too much");
    if (!server.output().empty()) fail("nothing on stdout", server.output(), "it does not listen");
}

TEST_CASE("server that may not have 10000 descriptors has room for fewer clients and says so") {
    Server server(
        {"sh", "-c", "ulimit -n 100 && exec \"$0\" server --port 0", path_of(kHttp.step)});
    server.expect_error(" clients", "say on stderr how many fit: getrlimit(RLIMIT_NOFILE)");
    expect_good(server, "fewer than 10000 are enough for a start");
}

TEST_CASE("server raises its own limit of descriptors as far as it may") {
    const Server server({"sh", "-c",
                         "ulimit -S -n 40 && exec \"$0\" server --port 0 --max-clients 200",
                         path_of(kHttp.step)});
    const std::vector<Connection> clients = stay(server, 60);
    expect_good(server, "setrlimit(RLIMIT_NOFILE), up to the hard limit");
}

TEST_SUITE_END();
