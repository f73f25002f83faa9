// What our own 05_ws_chat does with --broker: many servers, one room.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/05_ws_chat/support/chat.hpp"
#include "tests/common/support/shared_room.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/program.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/server.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "05_ws_chat";

// A member that has heard itself. It may hear before what was said earlier at another server.
WebSocket enter_as(const Server& server, const std::string& name, Place place = Place::here()) {
    WebSocket member(server, "/ws?name=" + name, 0, place);
    member.send({.payload = "here"}, place);
    while (member.receive("the sender hears itself, too", place).payload != name + ": here") {
    }
    return member;
}

}  // namespace

TEST_SUITE_BEGIN("own");

TEST_CASE("members at different servers of a room hear the same messages in the same order") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const std::vector<std::string> options = in_room(redis, {"--rate", "0"});
    const Server one(kStep, options), other(kStep, options);
    WebSocket ann = enter_as(one, "Ann");
    WebSocket bob = enter_as(other, "Bob");
    ann.expect(kText, "Bob: here", "a member of another server is heard");
    // Both at once: who is first differs from run to run, but not from member to member.
    constexpr int kEach = 100;
    for (int i = 0; i < kEach; ++i) {
        ann.send({.payload = "a" + std::to_string(i)});
        bob.send({.payload = "b" + std::to_string(i)});
    }
    std::vector<std::string> at_ann, at_bob;
    for (int i = 0; i < 2 * kEach; ++i) {
        at_ann.push_back(ann.receive("each message goes to everyone").payload);
        at_bob.push_back(bob.receive("each message goes to everyone").payload);
    }
    CHECK(at_ann == at_bob);
    int a = 0, b = 0;
    for (const std::string& text : at_ann) {
        const bool is_ann = text.starts_with("Ann");
        const std::string expected =
            is_ann ? "Ann: a" + std::to_string(a++) : "Bob: b" + std::to_string(b++);
        CHECK(text == expected);
    }
}

TEST_CASE("a binary message goes to the members of every server as it is") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server one(kStep, in_room(redis)), other(kStep, in_room(redis));
    WebSocket ann = enter_as(one, "Ann");
    WebSocket bob = enter_as(other, "Bob");
    ann.expect(kText, "Bob: here", "a member of another server is heard");
    const std::string large = text_of(300'000) + std::string("\0\xff\r\n", 4);
    bob.send({.opcode = kBinary, .payload = large});
    bob.expect(kBinary, large, "the sender, too");
    ann.expect(kBinary, large, "bytes of any kind pass the broker");
}

TEST_CASE("without the broker nothing is said, and members are told so by a notice") {
    if (!Redis::is_there()) return;
    Redis redis;
    Server server(kStep, in_room(redis));
    WebSocket ann = enter_as(server, "Ann");
    redis.kill();
    ann.expect(kText, ": the broker is gone: nothing can be said until it is back",
               "a notice begins with an empty name");
    ann.send({.payload = "meanwhile"});
    ann.expect(kText, ": not said, because there is no broker: 1 message",
               "the sender is told what became of its message");
    redis.start();
    ann.expect(kText, ": the broker has a new room: what was said last may be missing",
               "the broker has forgotten everything");
    ann.expect(kText, ": the broker is there again", "the server comes back by itself");
    ann.send({.payload = "again"});
    ann.expect(kText, "Ann: again", "the members were kept");
    server.expect_clean_end();
}

TEST_CASE("a member whose message was under way when the broker went is told that nobody knows") {
    if (!Redis::is_there()) return;
    Redis redis;
    const Server server(kStep, in_room(redis));
    WebSocket ann = enter_as(server, "Ann");
    redis.pause();
    ann.send({.payload = "perhaps"});
    ann.send({.opcode = kPing});
    CHECK(ann.receive("the server goes on").opcode == kPong);
    redis.kill();
    ann.expect(kText, ": the broker is gone: nothing can be said until it is back", "all are told");
    ann.expect(kText, ": not known whether it was said, because the broker has gone: 1 message",
               "the sender is told more");
}

TEST_CASE("members get what was said while their server was cut off, or are told of the gap") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server server(kStep, in_room(redis));
    WebSocket ann = enter_as(server, "Ann");
    const std::string cut_off = "CLIENT KILL TYPE normal SKIPME yes\r\n";
    const std::string add = "XADD lounge 0-* name Bob text x\r\n";
    const std::string gone = ": the broker is gone: nothing can be said until it is back";
    redis.run(cut_off + add);
    ann.expect(kText, gone, "the connection to the broker is lost");
    ann.expect(kText, "Bob: x", "it was said meanwhile");
    ann.expect(kText, ": the broker is there again", "the server reads on from the last message");
    redis.run(cut_off + add + add + "XTRIM lounge MAXLEN 1\r\n");
    ann.expect(kText, gone, "the connection to the broker is lost");
    ann.expect(kText, ": some messages are missing: the broker has forgotten them", "a gap");
    ann.expect(kText, "Bob: x", "the broker still has this one");
    ann.expect(kText, ": the broker is there again", "the server reads on");
}

TEST_CASE("an entry of a stranger speaks in nobody's name and in no name of the server") {
    if (!Redis::is_there()) return;
    const Redis redis;
    const Server server(kStep, in_room(redis));
    WebSocket ann = enter_as(server, "Ann");
    redis.run(
        "XADD lounge 0-* name \"\" text forged\r\n"
        "XADD lounge 0-* name \"a\\nb\" text forged\r\n"
        "XADD lounge 0-* name Bob text \"\\xff\"\r\n"
        "XADD lounge 0-* name Bob text good\r\n");
    ann.expect(kText, "Bob: good", "only what keeps the rules of a message is one");
}

TEST_CASE("a message that waits for the broker when its server ends is not confirmed") {
    if (!Redis::is_there()) return;
    const Redis redis;
    Server server(kStep, in_room(redis));
    WebSocket ann = enter_as(server, "Ann");
    redis.pause();
    ann.send({.payload = "late"});
    server.send_signal(SIGTERM);
    expect_sent_away(ann, 1001, "a server that ends says so");
    server.expect_exit(0, "a broker that does not answer holds up nothing");
    redis.resume();
}

TEST_CASE("a notice of the server is no message for the client in the terminal") {
    if (!Redis::is_there()) return;
    Redis redis;
    const Server server(kStep, in_room(redis));
    Program client(url_client_command(kStep, "ws://127.0.0.1:" + server.port() + "/ws"));
    client.write_input("hello\n");
    CHECK(client.read_line("our own message comes back") == "User: hello");
    redis.kill();
    client.expect_error("the broker is gone", "a notice goes to stderr, as all that is no message");
    client.end_input();
    client.expect_exit(0, "everything was heard");
    CHECK(client.output() == "User: hello\n");
}

TEST_CASE("a client whose message was not said complains of that one, and of no later one") {
    if (!Redis::is_there()) return;
    Redis redis;
    const Server server(kStep, in_room(redis));
    Program client(url_client_command(kStep, "ws://127.0.0.1:" + server.port() + "/ws"));
    client.write_input("before\n");
    CHECK(client.read_line("our own message comes back") == "User: before");
    redis.kill();
    client.expect_error("the broker is gone", "the members are told");
    client.write_input("meanwhile\n");
    client.expect_error(": not said", "the sender is told");
    redis.start();
    client.expect_error("the broker is there again", "the members are told");
    client.write_input("after\n");
    CHECK(client.read_line("our own message comes back") == "User: after");
    client.end_input();
    client.expect_exit(1, "one message was not said");
    client.expect_error("\"User: meanwhile\"", "the client names it");
    CHECK(client.errors().find("\"User: after\"") == std::string::npos);
}

TEST_CASE("a chat whose broker cannot be used does not start") {
    Program server(server_command(kStep, {"--broker", "redis://127.0.0.1:" + free_port() + "/x"}));
    server.expect_exit(1, "without its broker a server does not start");
    server.expect_error("refused", "one line says why");
    Program wrong(server_command(kStep, {"--broker", "redis://127.0.0.1/x"}));
    wrong.expect_exit(2, "an address without a port is bad usage");
    wrong.expect_error("there is no port", "the usage line says why");
}

// LAB_ROOMS=full makes it large: `./lab check rooms`.
TEST_CASE("members behind nginx hear one order while one server dies, one ends, the broker stops") {
    if (!Redis::is_there() || !Nginx::is_there()) return;
    SharedRoom room(kStep);
    room.talk();
    room.expect_one_order_or_gaps();
    room.begin_again("the broker has a new room");
}

TEST_SUITE_END();
