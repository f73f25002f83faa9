// Unit tests of the book of a chat: who has to hear what, and has heard it.
#include <doctest/doctest.h>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "compare/measure/record.hpp"

using namespace compare;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kSize = 10;
const Record::Time kBegin{};

// A writer, 0, and two readers, all of whom are there.
Record three(Audience audience) {
    Record record(audience, kSize);
    for (int i = 0; i < 3; ++i) record.enter(record.add());
    return record;
}

// What hear() says against it; empty if nothing.
std::string complaint(Record& record, std::size_t who, std::string_view text) {
    try {
        record.hear(who, text, kBegin);
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("no two texts are alike, and each has the size that was asked for") {
    CHECK(text_of(0, 10) == "0nabcdefgh");
    CHECK(text_of(1, 10) == "1nbcdefghi");
    CHECK(text_of(26, 10) == "26nabcdefg");
    CHECK(text_of(123456789, 8) == "123456789n");
    for (const std::size_t size : {10U, 64U, 1000U}) CHECK(text_of(7, size).size() == size);
}

TEST_CASE("the receivers of a message depend on the transport") {
    Record everyone = three(Audience::everyone);
    everyone.say(0, kBegin);
    CHECK(everyone.outstanding() == 3);
    Record others = three(Audience::others);
    others.say(0, kBegin);
    CHECK(others.outstanding() == 2);
    CHECK(complaint(others, 0, text_of(0, kSize)).find("not for it") != std::string::npos);
    Record oneself = three(Audience::oneself);
    oneself.say(1, kBegin);
    CHECK(oneself.outstanding() == 1);
    CHECK(complaint(oneself, 1, text_of(0, kSize)).empty());
    CHECK(oneself.outstanding() == 0);
}

TEST_CASE("a message that comes twice or is changed or in the wrong order is noticed") {
    Record record = three(Audience::everyone);
    const std::string first = record.say(0, kBegin);
    const std::string second = record.say(0, kBegin);
    const std::string of_another = record.say(1, kBegin);
    CHECK(complaint(record, 2, first.substr(1)).find("nobody has said") != std::string::npos);
    CHECK(complaint(record, 2, first + "x").find("nobody has said") != std::string::npos);
    CHECK(complaint(record, 2, text_of(3, kSize)).find("nobody has said") != std::string::npos);
    CHECK(complaint(record, 2, "").find("nobody has said") != std::string::npos);
    CHECK(complaint(record, 2, first).empty());
    CHECK(complaint(record, 2, first).find("twice") != std::string::npos);
    CHECK(complaint(record, 1, of_another).empty());
    CHECK_MESSAGE(complaint(record, 1, second).empty(), "of two writers, any may be first");
    CHECK(complaint(record, 1, first).find("after a later one") != std::string::npos);
    const std::string third = record.say(0, kBegin);
    const std::string fourth = record.say(0, kBegin);
    CHECK(complaint(record, 0, first).empty());
    CHECK(complaint(record, 0, fourth).empty());
    CHECK(complaint(record, 0, third).find("after a later one") != std::string::npos);
}

TEST_CASE("a message said before a member joined is not for it") {
    Record record = three(Audience::everyone);
    const std::string text = record.say(0, kBegin);
    const std::size_t late = record.add();
    CHECK(late == 3);
    CHECK(record.missed(late, 0, 1) == 0);
    CHECK(complaint(record, late, text).find("not for it") != std::string::npos);
}

TEST_CASE("a message said while a client is away is missed until it comes after all") {
    Record record = three(Audience::everyone);
    record.leave(2);
    const std::string first = record.say(0, kBegin);
    const std::string second = record.say(0, kBegin);
    CHECK(record.outstanding() == 4);
    CHECK(record.missed(2, 0, 2) == 2);
    CHECK(record.missed(2, 1, 2) == 1);
    CHECK(record.missed(2, 0, 0) == 0);
    record.enter(2);
    CHECK(complaint(record, 2, second).empty());
    CHECK(record.missed(2, 0, 2) == 1);
    CHECK_MESSAGE(record.outstanding() == 4, "nobody had to wait for it");
    CHECK(record.first_outstanding().find("participant 0: message 0") != std::string::npos);
}

TEST_CASE("a delay counts from when the message was due") {
    Record record = three(Audience::others);
    const std::string text = record.say(0, kBegin + 5ms);
    record.hear(1, text, kBegin + 7ms);
    record.hear(2, text, kBegin + 45ms);
    CHECK(record.take_delays() == std::vector<double>{2, 40});
    CHECK(record.take_delays().empty());
}

TEST_SUITE_END();
