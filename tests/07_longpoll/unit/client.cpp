// Unit tests of how the client of 07_longpoll follows the chat, and of what is typed.
#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include "07_longpoll/follower.hpp"
#include "common/check.hpp"
#include "common/file_descriptor.hpp"
#include "common/random_hex.hpp"
#include "common/typed_lines.hpp"

using namespace longpoll;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

Answer answer(Id first, Id last, const std::string& epoch = "e", bool gap = false) {
    Answer answer{.messages = {}, .last = last, .gap = gap, .epoch = epoch};
    for (Id id = first; id <= last; ++id) answer.messages.push_back({id, "a", std::to_string(id)});
    return answer;
}

// "1 2 3" for the messages, and what is noted, that `follower` makes of the answer.
std::string take(Follower& follower, const Answer& answer) {
    const Follower::News news = follower.take(answer);
    std::string words;
    for (const Message& message : news.messages) words += message.text + " ";
    for (const std::string& note : news.notes) words.append("(").append(note, 0, 8).append(") ");
    return words + (news.ask_at_once ? "at once" : "");
}

/// A pipe in the place of the user's keyboard.
struct Keyboard {
    Keyboard() {
        std::array<int, 2> ends{};
        lab::check("pipe", pipe(ends.data()));
        reading = lab::FileDescriptor(ends[0]);
        writing = lab::FileDescriptor(ends[1]);
    }
    void type(std::string_view text) const {
        lab::check("write", write(writing.number(), text.data(), text.size()));
    }
    lab::FileDescriptor reading, writing;
};

std::string take_all(lab::TypedLines& typed) {
    std::string all;
    while (const auto line = typed.next()) all += "[" + *line + "]";
    return all;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a client that joins learns where the chat stands and sees nothing said before") {
    Follower follower(25s);
    CHECK_FALSE(follower.joined());
    CHECK(follower.target() == "/messages?after=9007199254740991&wait=0");
    CHECK(take(follower, answer(8, 7)) == "at once");
    CHECK(follower.joined());
    CHECK(follower.target() == "/messages?after=7&wait=25&epoch=e");
    Follower other(0s);
    CHECK(take(other, answer(1, 7, "e", true)) == "at once");
    CHECK(other.target() == "/messages?after=7&wait=0&epoch=e");
}

TEST_CASE("each message is shown once in whatever answers it comes") {
    Follower follower(25s);
    follower.take(answer(1, 0, "a b&c"));
    CHECK(follower.target() == "/messages?after=0&wait=25&epoch=a%20b%26c");
    CHECK(take(follower, answer(1, 2, "a b&c")) == "1 2 at once");
    CHECK(take(follower, answer(1, 3, "a b&c")) == "3 at once");
    CHECK(take(follower, answer(1, 3, "a b&c")).empty());
    CHECK(take(follower, answer(4, 3, "a b&c")).empty());
    CHECK(follower.target() == "/messages?after=3&wait=25&epoch=a%20b%26c");
}

TEST_CASE("missing messages are noted and the rest is shown") {
    Follower follower(25s);
    follower.take(answer(1, 0));
    CHECK(take(follower, answer(5, 6, "e", true)) == "5 6 (some mes) at once");
    CHECK(take(follower, answer(10, 9, "e", true)) == "(some mes) ");
    CHECK(follower.target() == "/messages?after=9&wait=25&epoch=e");
}

TEST_CASE("after a restart of the server all its messages are asked for again") {
    Follower follower(25s);
    follower.take(answer(1, 0));
    follower.take(answer(1, 9));
    CHECK(take(follower, answer(1, 3, "f", true)) == "(the serv) at once");
    CHECK(follower.target() == "/messages?after=0&wait=25&epoch=f");
    CHECK(take(follower, answer(1, 3, "f")) == "1 2 3 at once");
    CHECK(take(follower, answer(4, 4, "f")) == "4 at once");
}

TEST_CASE("a message of ours was seen when it came back or never will be") {
    Follower follower(25s);
    follower.take(answer(1, 3));
    CHECK(follower.has_seen({.id = 3, .epoch = "e"}));
    CHECK_FALSE(follower.has_seen({.id = 4, .epoch = "e"}));
    // The server has restarted, and we do not know yet.
    CHECK_FALSE(follower.has_seen({.id = 1, .epoch = "f"}));
    follower.take(answer(1, 1, "f", true));
    CHECK(follower.has_seen({.id = 4, .epoch = "e"}));
    CHECK_FALSE(follower.has_seen({.id = 1, .epoch = "f"}));
    follower.take(answer(1, 1, "f"));
    CHECK(follower.has_seen({.id = 1, .epoch = "f"}));
}

TEST_CASE("lines are read as they are typed and nothing more while some wait") {
    const Keyboard keyboard;
    lab::TypedLines typed(keyboard.reading.number());
    keyboard.type("one\ntwo\r\nthr");
    typed.read_some();
    CHECK(typed.descriptor() < 0);
    CHECK(take_all(typed) == "[one][two]");
    CHECK(typed.descriptor() == keyboard.reading.number());
    CHECK_FALSE(typed.at_end());
    keyboard.type("ee\n\n");
    typed.read_some();
    CHECK(take_all(typed) == "[three][]");
}

TEST_CASE("input ends with its last line or with exit") {
    Keyboard keyboard;
    lab::TypedLines to_end(keyboard.reading.number());
    keyboard.type("last");
    keyboard.writing = lab::FileDescriptor();
    to_end.read_some();
    CHECK_FALSE(to_end.at_end());
    to_end.read_some();
    CHECK(to_end.at_end());
    CHECK(take_all(to_end) == "[last]");
    CHECK(to_end.descriptor() < 0);

    const Keyboard other;
    lab::TypedLines to_exit(other.reading.number());
    other.type("one\nEXIT\ntwo\n");
    to_exit.read_some();
    CHECK(to_exit.at_end());
    CHECK(take_all(to_exit) == "[one]");
}

TEST_CASE("a line of more than a mebibyte is too long") {
    const Keyboard keyboard;
    lab::TypedLines typed(keyboard.reading.number());
    const auto type_much = [&] {
        for (int i = 0; i < 300; ++i) {
            keyboard.type(std::string(4096, 'x'));
            typed.read_some();
        }
    };
    CHECK_THROWS_AS(type_much(), std::runtime_error);
}

TEST_CASE("random names differ in every digit") {
    std::array<std::string, 32> seen;
    for (int i = 0; i < 200; ++i) {
        const std::string name = lab::random_hex(32);
        REQUIRE(name.size() == 32);
        for (std::size_t at = 0; at < 32; ++at) {
            CHECK("0123456789abcdef"s.find(name[at]) != std::string::npos);
            if (seen[at].find(name[at]) == std::string::npos) seen[at] += name[at];
        }
    }
    for (const std::string& digits : seen) CHECK(digits.size() >= 12);
    CHECK(lab::random_hex(5).size() == 5);
}

TEST_SUITE_END();
