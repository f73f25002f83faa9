// Tests of the page and the picture of a capture.
#include <doctest/doctest.h>

#include <string>

#include "tests/wire/support/talk.hpp"
#include "wire/report/html.hpp"
#include "wire/report/recording.hpp"
#include "wire/report/svg.hpp"

using namespace lab::test;
using wire::Lanes;
using wire::Message;
using wire::Recording;

namespace {

wire::Connection connection(std::uint64_t number, std::uint16_t port,
                            wire::Protocol protocol = wire::Protocol::tcp) {
    const std::string localhost("\x7F\0\0\1", 4);
    return {number, protocol, {localhost, port}, {localhost, 8004}};
}

Message message(std::uint64_t number, wire::Side sender, const std::string& title) {
    Message made{
        .connection = number, .time = {}, .sender = sender, .kind = "line", .title = title};
    made.bytes = title;
    made.size = title.size();
    made.fields.push_back({0, title.size(), "line", title, "what was said", "RFC 1"});
    return made;
}

std::string titles(const Lanes& lanes) {
    std::string text;
    for (const wire::Lane& lane : lanes.all()) text += lane.title + " " + lane.detail + "\n";
    return text;
}

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++found;
    return found;
}

// One connection that says these.
Recording recording_of(const std::vector<std::string>& lines, std::size_t limit = 500) {
    Recording recording(limit);
    recording.add(connection(1, 50001));
    for (const std::string& line : lines) recording.add(message(1, kClient, line));
    recording.finish();
    return recording;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("the server stands between its clients") {
    Recording recording(10);
    for (const std::uint64_t number : {1U, 2U, 3U})
        recording.add(connection(number, static_cast<std::uint16_t>(number)));
    for (int i = 0; i < 2; ++i)
        for (const std::uint64_t number : {1U, 2U, 3U})
            recording.add(message(number, kClient, "x"));
    const Lanes lanes(recording, {});
    CHECK(titles(lanes) ==
          "client 1 127.0.0.1:1\nclient 2 127.0.0.1:2\nserver 127.0.0.1:8004\nclient 3 "
          "127.0.0.1:3\n");
    CHECK(lanes.of(message(3, kServer, "x")) == std::pair<std::size_t, std::size_t>(2, 3));
    CHECK(lanes.words_of(message(1, kClient, "x")) == "client 1 → server");
    CHECK(titles(Lanes(recording, {.times = false})).find("127.0.0.1") == std::string::npos);
}

TEST_CASE("connections one after the other share the line of one client if they ask for the same") {
    Recording recording(10);
    std::uint64_t number = 0;
    for (const char* const target : {"/messages?after=1", "/messages?after=2", "/other"}) {
        recording.add(connection(++number, 50000));
        Message request = message(number, kClient, "GET " + std::string(target) + " HTTP/1.1");
        request.kind = "HTTP request";
        recording.add(request);
    }
    CHECK(titles(Lanes(recording, {})) ==
          "client 1 2 connections\nserver 127.0.0.1:8004\nclient 2 127.0.0.1:50000\n");
}

TEST_CASE("more speakers than a picture has room for share its last line") {
    Recording recording(100);
    for (std::uint16_t port = 1; port <= 20; ++port)
        recording.add(connection(port, port, wire::Protocol::udp));
    for (std::uint64_t number = 1; number <= 20; ++number)
        recording.add(message(number, kServer, "x"));
    const Lanes lanes(recording, {});
    REQUIRE(lanes.all().size() == Lanes::kMaxLanes);
    CHECK(lanes.all().back().title == "others");
    CHECK(lanes.of(message(20, kClient, "x")).first == Lanes::kMaxLanes - 1);
    CHECK(wire::svg(recording, "", {}).find("others") != std::string::npos);
}

TEST_CASE("a datagram whose echo does not come is marked, and so is the first of two copies") {
    Recording recording(10);
    recording.add(connection(1, 1, wire::Protocol::udp));
    for (const auto& [side, text] :
         {std::pair{kClient, "one"}, {kClient, "one"}, {kServer, "one"}, {kClient, "two"}}) {
        Message datagram = message(1, side, text);
        datagram.kind = "datagram";
        recording.add(datagram);
    }
    recording.finish();
    const auto& messages = recording.messages();
    CHECK(messages[0].mark == wire::Mark::unanswered);
    CHECK(messages[1].mark == wire::Mark::none);
    CHECK(messages[3].mark == wire::Mark::unanswered);
    CHECK(messages[3].note == "no echo came");
}

TEST_CASE("strangers' text is text in the page and in the picture, whatever it says") {
    const std::string evil = "</title></style><script>alert(1)</script>\"'&\x1b[2J\u202E";
    const Recording recording = recording_of({evil});
    const std::string page = wire::html(recording, "/tmp/<b>&.pcap", {});
    // The page's own script is the only one.
    CHECK(count(page, "<script") == 1);
    CHECK(page.find("<b>&.pcap") == std::string::npos);
    const std::string picture = wire::svg(recording, evil, {});
    CHECK(count(picture, "<script") == 0);
    for (const std::string* const text : {&page, &picture}) {
        CHECK(text->find('\x1b') == std::string::npos);
        CHECK(text->find("\u202E") == std::string::npos);
        CHECK(text->find("&lt;/title&gt;&lt;/style&gt;&lt;script&gt;alert(1)") !=
              std::string::npos);
    }
}

TEST_CASE("each message of a page leads to its bytes, its fields and where they are written") {
    const std::string page = wire::html(recording_of({"hello", "you"}), "a.pcap", {});
    CHECK(page.find("<a href=\"#m2\">") != std::string::npos);
    CHECK(page.find("<article id=\"m2\"") != std::string::npos);
    CHECK(page.find("<span class=\"c0 n0\">79 6f 75</span>") != std::string::npos);
    CHECK(page.find("what was said") != std::string::npos);
    CHECK(page.find("RFC 1") != std::string::npos);
    CHECK(page.find("2 messages on 1 connection.") != std::string::npos);
}

TEST_CASE("the bytes of each field stand in its colour, in hexadecimal and as text") {
    Recording recording(10);
    recording.add(connection(1, 50001));
    Message line = message(1, kClient, "a b");
    line.fields = {{0, 1, "one", "a", "", ""}, {1, 2, "two", " b", "", ""}};
    recording.add(line);
    const std::string page = wire::html(recording, "a", {});
    const std::string hex = R"(<span class="c0 n0">61</span> <span class="c1 n1">20 62</span>)";
    const std::string text = R"(<span class="c0 n0">a</span><span class="c1 n1"> b</span>)";
    CHECK(page.find(">" + hex + "</span>") != std::string::npos);
    CHECK(page.find(">" + text + "</span>") != std::string::npos);
}

TEST_CASE("a label that is longer than its arrow loses its end, but not what is told behind it") {
    Recording recording(10);
    for (std::uint16_t number = 1; number <= 3; ++number) recording.add(connection(number, number));
    for (std::uint64_t number = 1; number <= 3; ++number)
        recording.add(message(number, kClient, "x"));
    Message line = message(1, kClient, std::string(50, 'W'));
    line.pieces = 2;
    recording.add(line);
    const std::string picture = wire::svg(recording, "", {});
    CHECK(picture.find("WWWW…, in 2 segments") != std::string::npos);
    CHECK(picture.find(std::string(30, 'W')) == std::string::npos);
}

TEST_CASE("a page and a picture say how many messages they leave out") {
    const std::vector<std::string> lines(45, "line");
    const std::string picture = wire::svg(recording_of(lines), "", {});
    CHECK(count(picture, "class=\"point\"") == wire::kMaxPictureMessages);
    CHECK(picture.find("and 5 messages more") != std::string::npos);
    CHECK(wire::html(recording_of(lines, 44), "a", {}).find("and 1 message more") !=
          std::string::npos);
    CHECK(wire::svg(recording_of({}), "", {}).find("no messages") != std::string::npos);
    CHECK(wire::html(recording_of({}), "a", {}).find("0 messages") != std::string::npos);
}

TEST_CASE("without times, a picture is the same whenever and on whichever port it was") {
    Recording later(10);
    later.add(connection(1, 50002));
    Message line = message(1, kClient, "hello");
    line.time += std::chrono::seconds(5);
    later.add(line);
    const wire::Style without{.times = false};
    const std::string picture = wire::svg(recording_of({"hello"}), "", without);
    CHECK(picture == wire::svg(later, "", without));
    CHECK(picture.find("0.000000") == std::string::npos);
    CHECK(wire::svg(later, "", {}).find("0.000000") != std::string::npos);
}

TEST_SUITE_END();
