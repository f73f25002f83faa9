// Unit tests of the participants: what becomes of a connection that is left, refused, broken, or
// slow.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "04_handshake/handshake.hpp"
#include "common/thread.hpp"
#include "compare/measure/server_process.hpp"
#include "tests/compare/support/sockets.hpp"
#include "tests/compare/support/talk.hpp"
#include "tests/support/http_peer.hpp"

using namespace compare;
using namespace lab::test;
using namespace std::chrono_literals;

namespace {

// The complaint of a participant whose first request gets `answer`.
std::string complaint(const std::string& transport, const std::string& answer) {
    Talk talk(transport);
    Connection server = talk.accept();
    receive_head(server, "a request");
    server.send(answer);
    return talk.complaint();
}

// An answer of 07 with `members` besides the messages.
std::string answer_of(const std::string& members) {
    const std::string body = R"({"messages":[],)" + members + "}";
    return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
const std::string kEmptyAnswer = answer_of(R"("last":7,"gap":false,"epoch":"e")");

// Takes the handshake of a participant, and accepts it. Returns how long the answer was.
std::size_t shake_hands(Connection& server, const std::string& more = "") {
    const std::string key = receive_head(server, "a handshake").value("Sec-WebSocket-Key");
    const std::string answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        websocket::accept_value(key) + "\r\n\r\n";
    server.send(answer + more);
    return answer.size();
}

constexpr std::string_view kFrame = "\x81\x0bUser: hello";

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("counts are added and taken away kind by kind") {
    const Flow one{.bytes = 6, .text = 1, .headers = 3, .messages = 4, .calls = 5};
    const Flow other{.bytes = 60, .text = 10, .headers = 30, .messages = 40, .calls = 50};
    Counts counts{one, other, 6, 7};
    counts += Counts{other, one, 60, 70};
    const Flow sum{.bytes = 66, .text = 11, .headers = 33, .messages = 44, .calls = 55};
    CHECK(counts == Counts{sum, sum, 66, 77});
    counts -= Counts{other, one, 60, 70};
    CHECK(counts == Counts{one, other, 6, 7});
    CHECK(one.framing() == 2);
}

TEST_CASE("each send and recv that moves bytes is a call") {
    Talk talk("lines");
    Connection server = talk.accept();
    talk.participant->say("hello");
    server.expect("User: hello\n", "a line");
    CHECK(leaves_at_once(talk.participant->watched()[0].fd));
    server.send("User: a\n");
    CHECK(talk.hear() == "a");
    server.send("User: b\n");
    CHECK(talk.hear() == "b");
    CHECK(talk.participant->counts().sent.calls == 1);
    CHECK(talk.participant->counts().received.calls == 2);
}

TEST_CASE("bytes that a socket does not take at once leave later, whole") {
    Talk talk("tcp-echo");
    Connection server = talk.accept();
    const std::string much = text_of(16'000'000);
    talk.participant->say(much);
    CHECK_FALSE(talk.participant->settled());
    lab::Thread reader([&] { server.expect(much + "\n", "all of it"); });
    talk.serve_until([&] { return talk.participant->settled(); });
    reader.join();
    CHECK(talk.participant->counts().sent.calls > 1);
    CHECK(talk.participant->counts().sent.text == much.size());
}

TEST_CASE("datagrams are counted each for itself") {
    const ServerProcess server(default_bin(), "03_udp", {});
    Talk talk("udp", {.port = server.port()});
    talk.participant->say("hello");
    talk.participant->say("again");
    CHECK(talk.hear() == "hello");
    talk.serve_until([&] { return talk.participant->counts().received.messages == 2; });
    const Flow two{.bytes = 10, .text = 10, .messages = 2, .calls = 2};
    CHECK(talk.participant->counts().sent == two);
    CHECK(talk.participant->counts().received == two);
}

TEST_CASE("a line that was cut by leaving is not there any more when one comes back") {
    Talk talk("lines");
    Connection server = talk.accept();
    server.send("User: a\nUser: hal");
    CHECK(talk.hear() == "a");
    const Counts before = talk.participant->counts();
    talk.participant->leave();
    CHECK(talk.participant->counts() == before);
    CHECK_FALSE(talk.participant->in());
    talk.participant->come_back();
    Connection again = talk.accept();
    again.send("User: whole\n");
    CHECK(talk.hear() == "whole");
}

TEST_CASE("WebSocket starts again when a client comes back, with a frame right behind the head") {
    Talk talk("websocket");
    Connection server = talk.accept();
    const std::size_t first = shake_hands(server, std::string(kFrame) + "\x81\x7e");
    CHECK(talk.hear() == "hello");
    CHECK(talk.participant->counts().received.headers == first);
    const Counts before = talk.participant->counts();
    talk.participant->leave();
    CHECK(talk.participant->counts() == before);
    CHECK_FALSE(talk.participant->in());
    talk.participant->come_back();
    Connection again = talk.accept();
    shake_hands(again, std::string(kFrame));
    CHECK(talk.hear() == "hello");
    again.send("\x88\x02\x03\xe9");
    CHECK(talk.complaint().find("the server closes") != std::string::npos);
}

TEST_CASE("a handshake whose key is not answered is none") {
    CHECK(complaint("websocket",
                    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
                    "Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")
              .starts_with("handshake: "));
}

TEST_CASE("an answer that refuses is a fault, and so is a stream that ends") {
    const std::string sorry = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";
    CHECK(complaint("sse", sorry) == "GET: 503 Service Unavailable");
    CHECK(complaint("sse", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") ==
          "the stream has ended");
    CHECK(complaint("longpoll", sorry) == "GET: 503 Service Unavailable");
    Talk talk("longpoll");
    Connection news = talk.accept();
    talk.participant->say("hello");
    Connection posting = talk.accept();
    receive_head(posting, "it is posted");
    posting.send(sorry);
    CHECK(talk.complaint() == "POST: 503 Service Unavailable");
}

TEST_CASE("an answer that shows that something is lost is a fault") {
    Talk gap("longpoll");
    Connection server = gap.accept();
    receive_head(server, "where the chat is");
    server.send(answer_of(R"("last":7,"gap":true,"epoch":"e")"));
    CHECK(gap.complaint().find("the history is too short") != std::string::npos);

    Talk epoch("longpoll");
    Connection other = epoch.accept();
    receive_head(other, "where the chat is");
    other.send(kEmptyAnswer);
    epoch.serve_until([&] { return epoch.participant->in(); });
    epoch.send_all();
    receive_head(other, "then it is parked");
    other.send(answer_of(R"("last":7,"gap":false,"epoch":"f")"));
    CHECK(epoch.complaint() == "another epoch");
}

TEST_CASE("a writer has its connection from the beginning, and leaves it with all else") {
    for (const std::string transport : {"sse", "longpoll"}) {
        CHECK(Talk(transport).participant->watched()[1].fd < 0);
        Listener listener;
        Talk talk(transport, {.port = listener.port(), .writes = true});
        const int socket = talk.participant->watched()[1].fd;
        CHECK(socket >= 0);
        CHECK(leaves_at_once(socket));
        talk.participant->say("first");
        talk.participant->say("second");
        const Counts before = talk.participant->counts();
        CHECK_FALSE(talk.participant->settled());
        talk.participant->leave();
        CHECK(talk.participant->counts() == before);
        CHECK(talk.participant->watched()[0].fd < 0);
        CHECK(talk.participant->watched()[1].fd < 0);
        CHECK_MESSAGE(talk.participant->settled(), "an unconfirmed message is forgotten");
        CHECK_FALSE(talk.participant->in());
        CHECK(talk.participant->quiet());
    }
}

TEST_CASE("texts are posted one at a time, in their order") {
    Talk talk("sse");
    Connection stream = talk.accept();
    for (const std::string text : {"one", "two", "six"}) talk.participant->say(text);
    Connection posting = talk.accept();
    for (const std::string text : {"one", "two", "six"}) {
        talk.send_all();
        receive_head(posting, "it is posted");
        posting.expect(text, "in order");
        CHECK_MESSAGE(posting.is_silent(), "the next one waits for the answer");
        CHECK_FALSE(talk.participant->settled());
        const auto answers = talk.participant->counts().received.messages;
        posting.send("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        talk.serve_until([&] { return talk.participant->counts().received.messages > answers; });
    }
    CHECK(talk.participant->settled());
    posting.finish();
    talk.serve_until([&] { return talk.participant->watched()[1].fd < 0; });
    talk.participant->say("more");
    Connection another = talk.accept();
    another.finish();
    CHECK(talk.complaint().find("before its answer") != std::string::npos);
}

TEST_CASE("a polling client asks at its interval, and first after its own part of it") {
    for (const auto first_poll : {0s, 20s}) {
        Listener listener;
        Talk talk("ajax-60000", {.port = listener.port(), .first_poll = first_poll});
        Connection server = listener.accept();
        talk.send_all();
        CHECK_FALSE_MESSAGE(talk.participant->quiet(), "the first answer is not there");
        CHECK_FALSE(talk.participant->due().has_value());
        receive_head(server, "where the chat is");
        server.send(kEmptyAnswer);
        talk.serve_until([&] { return talk.participant->in(); });
        if (first_poll > 0s) {
            CHECK(talk.participant->quiet());
            const auto left = talk.participant->due().value() - Clock::now();
            CHECK((left > first_poll - 10s && left <= first_poll));
            continue;
        }
        talk.send_all();
        receive_head(server, "the second one comes at once");
        CHECK_FALSE_MESSAGE(talk.participant->quiet(), "no answer is parked");
        server.send(kEmptyAnswer);
        talk.serve_until([&] { return talk.participant->due().has_value(); });
        const auto left = talk.participant->due().value() - Clock::now();
        CHECK((left > 50s && left <= 60s));
    }
}

TEST_CASE("a shorter beat takes the place of the interval, and of the wait") {
    Listener listener;
    Talk polling("ajax-60000", {.port = listener.port(), .first_poll = 0s, .period = 5s});
    Connection server = listener.accept();
    for (const std::uint64_t answers : {1U, 2U}) {
        polling.send_all();
        receive_head(server, "a question");
        server.send(kEmptyAnswer);
        polling.serve_until(
            [&] { return polling.participant->counts().received.messages == answers; });
    }
    CHECK(polling.participant->due().value() - Clock::now() <= 5s);

    Talk parked("longpoll", {.port = listener.port(), .period = 3s});
    Connection other = listener.accept();
    parked.send_all();
    receive_head(other, "where the chat is");
    other.send(kEmptyAnswer);
    parked.serve_until([&] { return parked.participant->in(); });
    parked.send_all();
    CHECK(receive_head(other, "then it is parked").first_line ==
          "GET /messages?after=7&wait=3&epoch=e HTTP/1.1\r\n");
}

TEST_SUITE_END();
