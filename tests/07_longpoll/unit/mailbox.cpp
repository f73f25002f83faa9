// Unit tests of the mailbox of 07_longpoll: what was said, and who gets it.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "07_longpoll/mailbox.hpp"

using namespace longpoll;

namespace {

constexpr std::size_t kMiB = 1024 * 1024;
const std::string kEpoch = "0123456789abcdef";

std::string answer(Mailbox& mailbox, Id after, const std::string* epoch = nullptr) {
    return *mailbox.answer(mailbox.question(after, epoch));
}

// The answer with the messages 1 2 3 … that `texts` are, all by "a", from `first` on.
std::string expected(Id first, const std::vector<std::string>& texts, Id last, bool gap = false) {
    std::string json = R"({"messages":[)";
    for (const std::string& text : texts) {
        if (text != texts.front()) json += ",";
        json += R"({"id":)" + std::to_string(first++) + R"(,"name":"a","text":")" + text + "\"}";
    }
    return json + R"(],"last":)" + std::to_string(last) + R"(,"gap":)" + (gap ? "true" : "false") +
           R"(,"epoch":")" + kEpoch + "\"}";
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a mailbox answers with what came after a message") {
    Mailbox mailbox({.history = 10, .answer = kMiB}, kEpoch);
    CHECK(answer(mailbox, 0) == expected(1, {}, 0));
    CHECK(mailbox.post("a", "one") == 1);
    CHECK(mailbox.post("a", "two") == 2);
    CHECK(mailbox.last() == 2);
    CHECK(answer(mailbox, 0) == expected(1, {"one", "two"}, 2));
    CHECK(answer(mailbox, 1) == expected(2, {"two"}, 2));
    CHECK(answer(mailbox, 2) == expected(3, {}, 2));
    CHECK(answer(mailbox, kLastId) == expected(3, {}, 2));
    CHECK(mailbox.receipt(2) == R"({"id":2,"epoch":"0123456789abcdef"})");
}

TEST_CASE("a message too old for the history is gone and the answer says so") {
    Mailbox mailbox({.history = 3, .answer = kMiB}, kEpoch);
    for (int i = 1; i <= 5; ++i) mailbox.post("a", std::to_string(i));
    // It makes no difference to those who ask now whether it has been thrown away yet.
    for (int round = 0; round < 2; ++round) {
        CHECK(answer(mailbox, 0) == expected(3, {"3", "4", "5"}, 5, true));
        CHECK(answer(mailbox, 1) == expected(3, {"3", "4", "5"}, 5, true));
        CHECK(answer(mailbox, 2) == expected(3, {"3", "4", "5"}, 5));
        CHECK(answer(mailbox, 5) == expected(6, {}, 5));
        mailbox.forget_old();
    }
}

TEST_CASE("a history of long messages has a bound in bytes too") {
    // Each takes 31 bytes and a comma.
    Mailbox mailbox({.history = 100, .answer = kMiB, .bytes = 64}, kEpoch);
    for (int i = 1; i <= 3; ++i) mailbox.post("a", std::to_string(i));
    mailbox.forget_old();
    CHECK(answer(mailbox, 0) == expected(2, {"2", "3"}, 3, true));
    CHECK(answer(mailbox, 1) == expected(2, {"2", "3"}, 3));
    mailbox.post("a", std::string(100, 'x'));
    mailbox.forget_old();
    CHECK(answer(mailbox, 3) == expected(5, {}, 4, true));
}

TEST_CASE("a client that waited gets more than the history keeps") {
    Mailbox mailbox({.history = 1, .answer = kMiB}, kEpoch);
    const Question question = mailbox.question(0, nullptr);
    for (int i = 1; i <= 3; ++i) mailbox.post("a", std::to_string(i));
    CHECK(*mailbox.answer(question) == expected(1, {"1", "2", "3"}, 3));
    mailbox.forget_old();
    CHECK(answer(mailbox, 0) == expected(3, {"3"}, 3, true));
}

TEST_CASE("an empty history serves only clients that wait") {
    Mailbox mailbox({.history = 0, .answer = kMiB}, kEpoch);
    const Question question = mailbox.question(0, nullptr);
    mailbox.post("a", "1");
    CHECK(*mailbox.answer(question) == expected(1, {"1"}, 1));
    mailbox.forget_old();
    CHECK(answer(mailbox, 0) == expected(2, {}, 1, true));
    CHECK(answer(mailbox, 1) == expected(2, {}, 1));
}

TEST_CASE("a client that knows another run starts over and is told") {
    Mailbox mailbox({.history = 2, .answer = kMiB}, kEpoch);
    const std::string other = "fedcba9876543210";
    CHECK(mailbox.question(0, &other).gap);
    CHECK(answer(mailbox, 5, &other) == expected(1, {}, 0, true));
    for (int i = 1; i <= 3; ++i) mailbox.post("a", std::to_string(i));
    CHECK(answer(mailbox, 5, &other) == expected(2, {"2", "3"}, 3, true));
    CHECK(answer(mailbox, 3, &other) == expected(2, {"2", "3"}, 3, true));
    CHECK_FALSE(mailbox.question(5, &kEpoch).gap);
    CHECK(mailbox.question(5, &kEpoch).after == 5);
}

TEST_CASE("an answer has at most so many bytes of messages but always one") {
    Mailbox mailbox({.history = 100, .answer = 100}, kEpoch);
    const std::vector<std::string> texts{std::string(300, 'x'), "2", "3", "4", "5"};
    for (const std::string& text : texts) mailbox.post("a", text);
    CHECK(answer(mailbox, 0) == expected(1, {texts[0]}, 1));
    // Each of the others takes 31 bytes and a comma.
    CHECK(answer(mailbox, 1) == expected(2, {"2", "3", "4"}, 4));
    CHECK(answer(mailbox, 4) == expected(5, {"5"}, 5));
}

TEST_CASE("all clients that ask the same get the same string") {
    Mailbox mailbox({.history = 10, .answer = kMiB}, kEpoch);
    mailbox.post("a", "1");
    const auto first = mailbox.answer({.after = 0, .gap = false});
    CHECK(mailbox.answer({.after = 0, .gap = false}) == first);
    CHECK(mailbox.answer({.after = 1, .gap = false}) != first);
    mailbox.post("a", "2");
    CHECK(*mailbox.answer({.after = 0, .gap = false}) == expected(1, {"1", "2"}, 2));
    CHECK(*first == expected(1, {"1"}, 1));  // whoever is being sent it still has it
}

TEST_CASE("a message that is sent again under its key is the same message") {
    Mailbox mailbox({.history = 2, .answer = kMiB}, kEpoch);
    CHECK(mailbox.post("a", "1", "key") == 1);
    CHECK(mailbox.post("a", "1", "key") == 1);
    CHECK(mailbox.post("a", "2", "other") == 2);
    CHECK(mailbox.post("a", "1", "key") == 1);
    CHECK(mailbox.post("a", "3") == 3);
    CHECK(mailbox.post("a", "4") == 4);  // no key is no key
    mailbox.forget_old();
    CHECK(mailbox.post("a", "1", "key") == 5);
    CHECK(answer(mailbox, 3) == expected(4, {"4", "1"}, 5));
}

TEST_CASE("a mailbox keeps its promises over a hundred megabytes") {
    Mailbox mailbox({.history = 5, .answer = kMiB}, kEpoch);
    for (Id id = 1; id <= 2000; ++id) {
        const std::string text(static_cast<std::size_t>(50'000 + id % 7),
                               static_cast<char>('a' + id % 26));
        REQUIRE(mailbox.post("a", text) == id);
        mailbox.forget_old();
        if (id % 10 == 0) REQUIRE(answer(mailbox, id - 1) == expected(id, {text}, id));
    }
    CHECK(parse_answer(answer(mailbox, 0)).messages.size() == 5);
}

TEST_SUITE_END();
