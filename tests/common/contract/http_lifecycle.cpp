// The contract of a server of HTTP/1.1: how it begins, where it listens, and how it ends.
#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tests/common/contract/http_contract.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/promises.hpp"

using namespace lab::test;

namespace {

// `target` must be a file of the page, of this type.
HttpResponse expect_file(const Server& server, const std::string& target, const std::string& type,
                         Place place = Place::here()) {
    HttpResponse file =
        expect_status(server, http_request("GET", target), 200, "a file of the page", place);
    if (!file.head.value("Content-Type").starts_with(type) || file.body.empty())
        fail(target + " with Content-Type: " + type, file.head.fields, "a file of the page", place);
    return file;
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("server shows the page to a browser") {
    const Server server(kHttp.step);
    expect_file(server, "/", "text/html");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("server survives clients that vanish at any moment of a request") {
    const Server server(kHttp.step);
    const std::string request = good_post("vanishes");
    for (std::size_t cut = 0; cut < request.size(); cut += 5) {
        Connection leaves(server);
        leaves.send(request.substr(0, cut));
        Connection breaks(server);
        breaks.send(request.substr(0, cut));
        breaks.reset();
    }
    Connection breaks(server);
    std::string requests;
    for (int i = 0; i < 1000; ++i) requests += good_get();
    breaks.try_send(requests);
    breaks.reset();
    expect_good(server, "nobody else notices");
    expect_posted(server, "vanishes", false, "a request that did not come whole is none");
}

TEST_CASE("server answers a client that says first that it will say no more") {
    const Server server(kHttp.step);
    Connection client(server);
    client.send(good_get() + good_post("last words"));
    client.finish();
    expect_status(receive_response(client, "nc sends FIN after its input"), 200,
                  "a half of the connection is left: answer, and then close");
    expect_status(receive_response(client, "the requests before the FIN"), kHttp.posted,
                  "a half of the connection is left: answer, and then close");
    client.expect_end("then close");
}

TEST_CASE("SIGTERM ends the server while others are in the middle of a request") {
    Server server(kHttp.step);
    const Connection silent(server);
    Connection in_head(server);
    in_head.send("GET / HTTP/1.1\r\nHost: ");
    Connection in_body(server);
    in_body.send(
        http_request("POST", kHttp.post, "Content-Type: text/plain\r\nContent-Length: 10\r\n"));
    Connection kept(server);
    kept.send(good_get());
    expect_status(receive_response(kept, "200"), 200, "a request that is in order");
    Connection reads_nothing(server, 4096);
    std::string requests;
    for (int i = 0; i < 5000; ++i) requests += good_get();
    reads_nothing.send_until_full(requests, std::chrono::milliseconds(100));
    server.expect_clean_end();
    kept.expect_end("a client that waits for nothing is told by FIN");
}

TEST_CASE("SIGTERM ends the server at whatever moment it comes") {
    for (int i = 0; i < 8; ++i) {
        Server server(kHttp.step);
        Connection client(server);
        client.send(good_get());
        if (i % 2) client.try_send(good_post(text_of(50'000)));
        if (i % 3 == 0) (void)client.wait_for_bytes(std::chrono::milliseconds(i));
        server.expect_clean_end();
    }
}

TEST_CASE("SIGINT ends the server as SIGTERM does") {
    Server server(kHttp.step);
    expect_good(server, "a request that is in order");
    server.send_signal(SIGINT);
    server.expect_exit(0, "Ctrl-C sends SIGINT: handle both", std::chrono::milliseconds(1000));
}

TEST_CASE("server starts again at once on the port that it has just used") {
    std::string port;
    {
        Server server(kHttp.step);
        port = server.port();
        Connection client(server);
        client.send(good_get());
        expect_status(receive_response(client, "200"), 200, "a request that is in order");
        server.expect_clean_end();
    }
    const Server again({path_of(kHttp.step), "server", "--port", port});
    expect_good(again, "SO_REUSEADDR, before bind, lets connections in TIME_WAIT be");
}

TEST_CASE("server takes no processor time for 200 connections that are kept and say nothing") {
    const Server server(kHttp.step);
    std::vector<Connection> clients;
    for (int i = 0; i < 200; ++i) {
        clients.emplace_back(server);
        // Half of them in the middle of a request.
        clients.back().send(i % 2 ? good_get() : good_get() + "GET / HT");
        expect_status(receive_response(clients.back(), "200"), 200, "there is room");
    }
    expect_idle(server, clients[0], std::chrono::milliseconds(1000),
                "something wakes the loop again and again");
}

TEST_CASE("server bound to one address is not reachable at another") {
    // With --port 0 the kernel may choose a port that another test's server has at ::1.
    const Server server(kHttp.step, {"--host", "127.0.0.1", "--port", free_port()});
    expect_good(server, "it is reachable at its own");
    std::vector<std::string> others{"127.0.0.2", "::1"};
    std::array<char, 256> name{};
    gethostname(name.data(), name.size() - 1);
    for (const std::string& address : addresses_of(name.data())) others.push_back(address);
    for (const std::string& address : others) {
        if (address != "127.0.0.1" && is_reachable(address, server.port()))
            fail("nobody listens at " + address, "somebody does", "bind to --host alone");
    }
}

TEST_CASE("server listens on an IPv6 address and only there") {
    if (!has_ipv6()) return;
    // With --port 0 the kernel may choose a port that another test's server has at 127.0.0.1.
    const Server server(kHttp.step, {"--host", "::1", "--port", free_port()});
    expect_good(server, "take family, type and protocol from what getaddrinfo gives");
    if (is_reachable("127.0.0.1", server.port()))
        fail("nobody listens at 127.0.0.1", "somebody does", "IPV6_V6ONLY");
}

TEST_CASE("server listens on a host name") {
    const Server server(kHttp.step, {"--host", "localhost"});
    expect_good(server, "getaddrinfo resolves names");
}

TEST_CASE("server says that its port is taken and exits with 1") {
    expect_port_taken(kHttp.step);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("trace shows what comes and goes with arrows") {
    Server server(kHttp.step, {"--trace"});
    expect_status(server, good_post("Привіт"), kHttp.posted, "a request that is in order");
    server.expect_error("Привіт", "trace goes to stderr");
    server.expect_error("POST " + kHttp.post, "the request line");
    for (const std::string arrow : {"← ", "→ "})
        server.expect_error(arrow + "127.0.0.1", "an arrow, and the client's address");
    if (server.output().find("POST") != std::string::npos)
        fail("nothing more on stdout", server.output(), "trace goes to stderr");
}

TEST_CASE("server shows no message without --trace") {
    Server server(kHttp.step);
    expect_status(server, good_post("between us"), kHttp.posted, "a request that is in order");
    server.expect_clean_end();
    if (server.errors().find("between us") != std::string::npos)
        fail("nothing of what is said", server.errors(), "that is for --trace");
}

TEST_CASE("bad usage exits with 2 and shows the usage line") {
    std::vector<std::vector<std::string>> bad = kHttp.bad_options;
    bad.insert(bad.end(), {{"--port", "70000"},
                           {"--port", "x"},
                           {"--max-clients", "0"},
                           {"--max-clients", "many"},
                           {"--allow-origin"},
                           {"--nothing"},
                           {"extra"}});
    for (std::vector<std::string>& words : bad) words.insert(words.begin(), "server");
    bad.insert(bad.end(), {{}, {"serve"}});
    expect_bad_usage(kHttp.step, bad);
}

TEST_CASE("a server that is started with SIGINT ignored leaves it so") {
    expect_ignored_interrupt_harmless(kHttp.step);
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("own");

TEST_CASE("the page may load nothing from elsewhere and no script of a message") {
    const Server server(kHttp.step);
    const HttpHead head = ask(server, http_request("GET", "/"), "the page").head;
    const std::string policy = head.value("Content-Security-Policy");
    if (policy.empty() || policy.find("'unsafe-inline'") != std::string::npos) {
        fail("a Content-Security-Policy without 'unsafe-inline'", policy,
             "a message must never run as a script, even if the page has a fault");
    }
    if (policy.find("frame-ancestors 'none'") == std::string::npos)
        fail("frame-ancestors 'none'", policy, "a page that frames this one could steal clicks");
}

TEST_CASE("server has the files of our page and no browser guesses what they are") {
    const Server server(kHttp.step);
    for (const auto& [target, type] : {std::pair{"/", "text/html"},
                                       {"/page.js", "text/javascript"},
                                       {"/page.css", "text/css"}}) {
        const HttpResponse file = expect_file(server, target, type);
        if (file.head.value("X-Content-Type-Options") != "nosniff")
            fail("X-Content-Type-Options: nosniff", file.head.fields, "WHATWG, Fetch");
    }
}

TEST_SUITE_END();
