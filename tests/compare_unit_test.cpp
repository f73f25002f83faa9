// Unit tests of what the comparison is made of: the book of a chat, statistics, fates, the path,
// tables.
#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "common/visible.hpp"
#include "compare/fate.hpp"
#include "compare/one_way.hpp"
#include "compare/record.hpp"
#include "compare/statistics.hpp"
#include "compare/table.hpp"
#include "compare/transport.hpp"
#include "tests/support/report.hpp"

using namespace compare;
using namespace std::chrono_literals;
using lab::test::expect_bytes;

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

TEST_CASE("whom a message concerns depends on the transport") {
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

TEST_CASE("what was said before one came is not for it") {
    Record record = three(Audience::everyone);
    const std::string text = record.say(0, kBegin);
    const std::size_t late = record.add();
    CHECK(late == 3);
    CHECK(record.missed(late, 0, 1) == 0);
    CHECK(complaint(record, late, text).find("not for it") != std::string::npos);
}

TEST_CASE("what is said while one is away is missed until it comes after all") {
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
    CHECK(record.heard() == 2);
}

TEST_CASE("percentiles are of the nearest rank") {
    std::vector<double> hundred;
    for (int i = 100; i > 0; --i) hundred.push_back(i);
    const Sample sample(hundred);
    CHECK(sample.median() == 50);
    CHECK(sample.percentile(99) == 99);
    CHECK(sample.percentile(99.1) == 100);
    CHECK(sample.percentile(0) == 1);
    CHECK(sample.percentile(100) == 100);
    CHECK(sample.most() == 100);
    CHECK(Sample({7}).percentile(1) == 7);
    CHECK(Sample({3, 1, 2}).median() == 2);
    CHECK(Sample({3, 1, 2}).percentile(67) == 3);
}

TEST_CASE("a fate depends on its seed and number alone") {
    const Trouble trouble{.cut = 0.5, .stall = 0.5, .seed = 7};
    std::string fates;
    for (std::uint32_t i = 0; i < 6; ++i) fates += words_of(fate_of(trouble, i)) + "\n";
    expect_bytes(
        "cut after 1606 bytes (RST)\n"
        "cut after 3888 bytes (FIN)\n"
        "stands still for 591 ms after 2032 bytes, cut after 3262 bytes (RST)\n"
        "cut after 3423 bytes (RST)\n"
        "stands still for 815 ms after 2294 bytes, cut after 1071 bytes (RST)\n"
        "cut after 1536 bytes (FIN)\n",
        fates, "the generator is the standard's, and the rest is our own arithmetic");
    CHECK(fate_of({.cut = 1, .stall = 0, .seed = 7}, 3).cut_after ==
          fate_of({.cut = 1, .stall = 1, .seed = 7}, 3).cut_after);
    CHECK(fate_of({}, 3) == Fate{});
}

TEST_CASE("fates are as frequent as was asked for, and within their bounds") {
    int cuts = 0;
    int resets = 0;
    int stalls = 0;
    for (std::uint32_t i = 0; i < 1000; ++i) {
        const Fate fate = fate_of({.cut = 0.4, .stall = 0.2, .seed = 1}, i);
        cuts += fate.cut_after ? 1 : 0;
        resets += fate.reset ? 1 : 0;
        stalls += fate.stall_after ? 1 : 0;
        if (fate.cut_after) CHECK((*fate.cut_after >= kLeastBytes && *fate.cut_after < kMostBytes));
        if (fate.stall_after) CHECK((fate.stall >= kShortestStall && fate.stall < kLongestStall));
    }
    CHECK((cuts > 350 && cuts < 450));
    CHECK((resets > 150 && resets < 250));
    CHECK((stalls > 150 && stalls < 250));
}

TEST_CASE("bytes leave a path as they came, a delay later, and its end behind them") {
    OneWay way(20ms, 100);
    way.put("one", kBegin);
    way.put("two", kBegin + 5ms);
    way.end(kBegin + 6ms);
    CHECK(way.due() == kBegin + 20ms);
    CHECK(way.ready(kBegin + 19ms).empty());
    CHECK(way.ready(kBegin + 20ms) == "one");
    way.left(2);
    CHECK(way.ready(kBegin + 20ms) == "e");
    way.left(1);
    CHECK(way.ready(kBegin + 24ms).empty());
    CHECK_FALSE(way.take_end(kBegin + 30ms));
    CHECK(way.ready(kBegin + 25ms) == "two");
    way.left(3);
    CHECK(way.due() == kBegin + 26ms);
    CHECK_FALSE(way.take_end(kBegin + 25ms));
    CHECK(way.take_end(kBegin + 26ms));
    CHECK_FALSE(way.take_end(kBegin + 27ms));
    CHECK(way.ended());
    CHECK_FALSE(way.due().has_value());
}

TEST_CASE("a path that is full takes no more, and one that stands still lets nothing go") {
    OneWay way(1ms, 4);
    way.put("abc", kBegin);
    CHECK(way.has_room());
    way.put("de", kBegin);
    CHECK_FALSE(way.has_room());
    way.hold(kBegin + 50ms);
    CHECK(way.ready(kBegin + 49ms).empty());
    CHECK(way.due() == kBegin + 50ms);
    CHECK(way.ready(kBegin + 50ms) == "abc");
    way.left(3);
    CHECK(way.has_room());
    way.put("fg", kBegin);
    CHECK_FALSE_MESSAGE(way.has_room(), "as much as it holds, to the byte");
    way.left(2);
    CHECK(way.has_room());
    way.hold(kBegin + 40ms);
    CHECK_MESSAGE(way.ready(kBegin + 49ms).empty(), "the later one of two holds");
    way.left(2);
    way.end(kBegin);
    CHECK_FALSE(way.has_room());
    CHECK(way.due() == kBegin + 50ms);
    CHECK_FALSE(way.take_end(kBegin + 49ms));
    CHECK(way.take_end(kBegin + 50ms));
}

TEST_CASE("a stream that breaks off brings what came before, and one that nobody takes nothing") {
    OneWay way(20ms, 100);
    way.put("one", kBegin);
    way.break_off(kBegin + 1ms);
    CHECK(way.ready(kBegin + 20ms) == "one");
    way.left(3);
    CHECK(way.take_end(kBegin + 21ms));
    CHECK(way.broken());

    OneWay in_order(20ms, 100);
    in_order.end(kBegin);
    in_order.break_off(kBegin + 1ms);
    CHECK_FALSE_MESSAGE(in_order.broken(), "it had ended before");

    OneWay unwanted(20ms, 100);
    unwanted.put("one", kBegin);
    unwanted.drop();
    CHECK(unwanted.ready(kBegin + 20ms).empty());
    CHECK_FALSE(unwanted.has_room());
    CHECK_FALSE(unwanted.due().has_value());
    CHECK_FALSE(unwanted.take_end(kBegin + 20ms));
    CHECK(unwanted.ended());
}

TEST_CASE("a table stands in columns, counted in characters") {
    Table table;
    table.column("who");
    table.column("a", "a pair");
    table.column("long\nheading", "a pair");
    table.row({"Ада", "1", "2"});
    table.row({"Bob", "100", "–"});
    table.row({"nobody", "goes on to the end, however long it is"});
    expect_bytes(
        "        ─── a pair ───\n"
        "                  long\n"
        "who         a  heading\n"
        "Ада         1        2\n"
        "Bob       100        –\n"
        "nobody  goes on to the end, however long it is\n",
        table.text(), "left for names, right for figures, all as wide as 0.123");
    CHECK(table.text("<", ">").starts_with("<"));
    Table odd;
    odd.column("");
    odd.column("abcde", "one");
    odd.column("e", "one");
    odd.column("f", "other");
    expect_bytes("  ─── one ────  other\n  abcde      e      f\n", odd.text(),
                 "a group's name in the middle, and one that has no room around it alone");
    CHECK(width_of("Привіт – ok") == 11);
}

TEST_CASE("figures have three places") {
    for (const auto& [value, text] :
         std::vector<std::pair<double, std::string>>{{0, "0"},
                                                     {0.0004, "0"},
                                                     {0.0421, "0.042"},
                                                     {0.9996, "1.00"},
                                                     {1.234, "1.23"},
                                                     {9.996, "10.0"},
                                                     {45.64, "45.6"},
                                                     {99.96, "100"},
                                                     {789.4, "789"},
                                                     {1200, "1200"},
                                                     {12345, "12 345"},
                                                     {167400, "167 400"},
                                                     {1234567, "1 234 567"}})
        CHECK(three_figures(value) == text);
}

TEST_CASE("transports have names, and polling any interval") {
    CHECK(find_transport("sse").step == "06_sse");
    CHECK(find_transport("ajax-250").interval == 250ms);
    CHECK(find_transport("ajax-250").title == "AJAX every 250 ms");
    CHECK(find_transport("ajax-5000").title == "AJAX every 5 s");
    CHECK(find_transport("ajax-5000").beat->short_period == 500ms);
    CHECK(find_transport("ajax-100").beat->short_period == 100ms);
    for (const std::string step : {"01", "02", "03", "04", "05", "06", "07"})
        CHECK(transport_of_step(step).step.starts_with(step));
    CHECK(transport_of_step("07_longpoll").way == Way::long_polling);
    CHECK_THROWS_AS(transport_of_step("08"), std::runtime_error);
    for (const char* const bad : {"", "carrier pigeon", "ajax-", "ajax-0", "ajax-5s", "ajax-99999"})
        CHECK_THROWS_AS(find_transport(bad), std::runtime_error);
    for (const std::string& name : all_transports()) CHECK(find_transport(name).name == name);
    CHECK(without_name("User: hello") == "hello");
    CHECK_THROWS_AS(without_name("hello"), std::runtime_error);
}

TEST_SUITE_END();
