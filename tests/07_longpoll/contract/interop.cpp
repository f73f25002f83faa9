// 07_longpoll with others' HTTP: curl, Python, Node, and nginx in front, where they are installed.
#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

#include "tests/07_longpoll/support/client.hpp"
#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;
using namespace lab::test::longpoll;
using namespace std::chrono_literals;

namespace {

// Runs the program `name` of tests/interop/; false if it cannot be run here.
bool all_came_back(const std::string& name, const std::string& port, Place place = Place::here()) {
    auto command = interop_command(name);
    if (command[0].empty()) return false;
    command.push_back(port);
    Program client(command, Streams::pipes, place);
    client.expect_exit(0, "what an ordinary client asks and posts", 2 * kDeadline, place);
    expect_bytes("all came back\n", client.output(), "see its stderr", place);
    return true;
}

void expect_chat_through(const std::string& directives, Place place = Place::here()) {
    const Server server(kStep, {}, place);
    const Nginx nginx(server, directives, "", place);
    const std::string hint = "each answer is whole: a proxy has nothing to wait for";
    Program ada(client_command_for(nginx.url(), {"--name", "Ada"}), Streams::pipes, place);
    ada.write_input("Привіт\n", place);
    ada.expect_output("Ada: Привіт\n", hint, place);
    Caller waits(nginx.port());
    waits.ask("after=1&wait=25", place);
    ada.write_input("Hello\n", place);
    expect_bytes("Hello", texts_of(waits.news(hint, place)), hint, place);
    ada.expect_output("Ada: Привіт\nAda: Hello\n", hint, place);
    ada.write_input("exit\n", place);
    ada.expect_exit(0, "exit leaves", kDeadline, place);
}

}  // namespace

TEST_SUITE_BEGIN("basic");

TEST_CASE("curl posts and waits and is answered") {
    if (curl_command({})[0].empty()) return skip("curl", "curl");
    const Server server(kStep);
    const std::string url = "http://127.0.0.1:" + server.port() + "/messages";
    Program waits(curl_command({url + "?after=0&wait=25"}));
    settle(server);
    Program posts(curl_command(
        {"--header", "Content-Type: text/plain", "--data-binary", "Привіт 👋", url + "?name=Ada"}));
    posts.expect_exit(0, "201");
    CHECK(receipt_in(posts.output(), "the answer to a POST").id == 1);
    waits.expect_exit(0, "there is news");
    const News news = news_in(waits.output(), "the answer to a GET");
    CHECK(news.messages == std::vector<Message>{{1, "Ada", "Привіт 👋"}});
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("robust");

TEST_CASE("curl asks three times over one connection") {
    if (curl_command({})[0].empty()) return skip("curl", "curl");
    const Server server(kStep);
    const std::string url = "http://127.0.0.1:" + server.port() + "/messages?after=0&wait=";
    Program asks(
        curl_command({"-o", "/dev/null", "-o", "/dev/null", "-o", "/dev/null", "--write-out",
                      "%{http_code} %{num_connects}\n", url + "0", url + "1", url + "0"}));
    asks.expect_exit(0, "200, three times");
    expect_bytes("200 1\n200 0\n200 0\n", asks.output(),
                 "the first request connects, the others need not");
}

TEST_CASE("Python gets back every character that it posts and waits for news") {
    const Server server(kStep);
    if (!all_came_back("longpoll_client.py", server.port())) skip("Python", "python3");
}

TEST_CASE("Node gets back every character that it posts and waits for news") {
    const Server server(kStep);
    if (!all_came_back("longpoll_client.mjs", server.port())) skip("Node with fetch", "nodejs");
}

TEST_CASE("clients chat through nginx as it comes") {
    if (!Nginx::is_there()) return;
    // It asks the server in HTTP/1.0 then, a connection for each request, and gathers answers.
    expect_chat_through("");
}

TEST_CASE("clients chat through nginx that buffers nothing and speaks HTTP 1.1") {
    if (!Nginx::is_there()) return;
    expect_chat_through(
        "proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection '';");
}

TEST_CASE("Python gets back through nginx every character that it posts") {
    if (!Nginx::is_there()) return;
    const Server server(kStep);
    const Nginx nginx(server, "proxy_http_version 1.1; proxy_set_header Connection '';");
    if (!all_came_back("longpoll_client.py", nginx.port())) skip("Python", "python3");
}

TEST_SUITE_END();
TEST_SUITE_BEGIN("full");

TEST_CASE("a client that hangs up at nginx hangs up at the server") {
    if (!Nginx::is_there()) return;
    const Server server(kStep, {"--max-clients", "1"});
    const Nginx nginx(server);
    {
        Caller waits(nginx.port());
        waits.park("after=0&wait=60", 200ms, "there is no news");
    }
    expect_room(server, "nginx ends its connection to the server, which has to notice");
}

TEST_SUITE_END();
