// Unit tests of the JSON of 07_longpoll: strings, answers and receipts.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "07_longpoll/answer.hpp"
#include "common/json.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"
#include "tests/support/report.hpp"

using namespace longpoll;
using namespace std::string_literals;
using lab::test::expect_bytes;

namespace {

std::string json_string(std::string_view text) {
    std::string json;
    lab::append_json_string(json, text);
    return json;
}

// What parse_answer() makes of `body`: a line for each message, then "last gap epoch"; or its
// complaint.
std::string read(std::string_view body) {
    try {
        const Answer answer = parse_answer(body);
        std::string words;
        for (const Message& message : answer.messages)
            words += std::to_string(message.id) + " " + message.name + ": " + message.text + "\n";
        return words + std::to_string(answer.last) + (answer.gap ? " gap " : " ") + answer.epoch;
    } catch (const std::runtime_error& error) {
        return "bad: "s + error.what();
    }
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a string of JSON holds what has to be escaped as an escape and all else as it is") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", R"("")"},
        {"Привіт 👋", R"("Привіт 👋")"},
        {R"(say "hi" \ /)", R"("say \"hi\" \\ /")"},
        {"\b\f\n\r\t", R"("\b\f\n\r\t")"},
        {"\0\x01\x1F\x7F"s, R"("\u0000\u0001\u001f\u007f")"},
        {"a\u2028b\u2029", R"("a\u2028b\u2029")"},
        {"\u2027\u2030\u00A8", "\"\u2027\u2030\u00A8\""},
        {R"(</script>"},{"id":9)", R"("</script>\"},{\"id\":9")"},
    };
    for (const auto& [text, json] : cases)
        expect_bytes(json, json_string(text), "of " + lab::visible(text));
}

TEST_CASE("every character of Unicode comes back out of a string of JSON") {
    std::string all;
    for (unsigned int character = 0; character <= 0x10FFFF; ++character) {
        if (character >= 0xD800 && character < 0xE000) continue;
        const auto add = [&](unsigned int bits) { all += static_cast<char>(bits); };
        if (character < 0x80) {
            add(character);
        } else if (character < 0x800) {
            add(0xC0 | character >> 6);
        } else if (character < 0x10000) {
            add(0xE0 | character >> 12);
            add(0x80 | (character >> 6 & 0x3F));
        } else {
            add(0xF0 | character >> 18);
            add(0x80 | (character >> 12 & 0x3F));
            add(0x80 | (character >> 6 & 0x3F));
        }
        if (character >= 0x80) add(0x80 | (character & 0x3F));
    }
    REQUIRE(lab::is_utf8(all));
    const Answer answer =
        parse_answer(R"({"messages":[{"id":1,"name":"a","text":)" + json_string(all) +
                     R"(}],"last":1,"gap":false,"epoch":"e"})");
    REQUIRE(answer.messages.size() == 1);
    expect_bytes(all, answer.messages[0].text, "all of Unicode");
}

TEST_CASE("an answer is read out of any JSON that says the same") {
    CHECK(read(R"({"messages":[],"last":0,"gap":false,"epoch":"e"})") == "0 e");
    CHECK(read(R"({"messages":[{"id":7,"name":"Ада","text":"a\nb"},{"id":9,"name":"","text":""}],)"
               R"("last":9007199254740991,"gap":true,"epoch":""})") ==
          "7 Ада: a\nb\n9 : \n9007199254740991 gap ");
    // Another order, white space, and members that nobody has asked for.
    CHECK(read("\n{ \"epoch\" : \"e\", \"more\": [1, {\"id\": 2, \"text\": \"x\"}, null, 1.5],"
               " \"gap\": true, \"last\": 3, \"messages\": [ {\"text\": \"t\", \"at\": {\"id\": 5},"
               " \"name\": \"n\", \"id\": 3} ] }\r\n") == "3 n: t\n3 gap e");
}

TEST_CASE("escapes of JSON are read, and those of characters beyond U+FFFF as the pair they are") {
    const auto text_of = [](const std::string& json) {
        return read(R"({"messages":[{"id":1,"name":"a","text":")" + json +
                    R"("}],"last":1,"gap":false,"epoch":"e"})");
    };
    CHECK(text_of(R"(\"\\\/\b\f\n\r\t\u0041\u044f\u20AC)") == "1 a: \"\\/\b\f\n\r\tAя€\n1 e");
    CHECK(text_of(R"(a\u0000b)") == "1 a: a\0b\n1 e"s);
    CHECK(text_of(R"(\ud83d\ude00!)") == "1 a: 😀!\n1 e");
    CHECK(text_of(R"(\uDBFF\uDFFF)") == "1 a: \U0010FFFF\n1 e");
    for (const char* const half : {R"(\ud83d)", R"(\ude00)", R"(\ud83d\ud83d)", R"(\ude00\ud83d)"})
        CHECK(text_of(half).ends_with("a string holds half a surrogate pair"));
    // Longer than the parser's own buffer, and cut there within a character.
    const std::string longer = std::string(253, 'x') + "Я" + std::string(1000, 'y');
    CHECK(text_of(longer) == "1 a: " + longer + "\n1 e");
}

TEST_CASE("an answer that is none is told what it lacks") {
    const auto complains = [](std::string_view body, const std::string& words) {
        const std::string complaint = read(body);
        CHECK_MESSAGE(complaint.starts_with("bad: "), complaint);
        CHECK_MESSAGE(complaint.find(words) != std::string::npos,
                      complaint << " should say: " << words);
    };
    complains("", "too early");
    complains("Not Found\n", "No opening '{'");
    complains(R"({"messages":[],"last":0,"gap":false,"epoch":"e")", "too early");
    complains(R"({"messages":[],"last":0,"gap":false,"epoch":"e"}{)", "follows");
    complains(R"({"messages":[],"gap":false,"epoch":"e"})", "no last");
    complains(R"({"messages":[],"last":"0","gap":false,"epoch":"e"})", "no last");
    complains(R"({"messages":[],"last":-1,"gap":false,"epoch":"e"})", "not a whole number");
    complains(R"({"messages":[],"last":1.5,"gap":false,"epoch":"e"})", "not a whole number");
    complains(R"({"messages":[],"last":1e3,"gap":false,"epoch":"e"})", "not a whole number");
    complains(R"({"messages":[],"last":9007199254740992,"gap":false,"epoch":"e"})", "2^53");
    complains(R"({"messages":[],"last":0,"gap":0,"epoch":"e"})", "no gap");
    complains(R"({"messages":[],"last":0,"gap":false,"epoch":5})", "no epoch");
    complains(R"({"messages":{},"last":0,"gap":false,"epoch":"e"})", "");
    complains(R"({"messages":5,"last":0,"gap":false,"epoch":"e"})", "no messages");
    complains(R"({"messages":[1],"last":0,"gap":false,"epoch":[]})", "no epoch");
    complains(R"({"messages":[{"id":1,"name":"a"}],"last":1,"gap":false,"epoch":"e"})", "no text");
    complains(R"({"messages":[{"id":1,"text":"a"}],"last":1,"gap":false,"epoch":"e"})", "no name");
    complains(R"({"messages":[{"name":"a","text":""}],"last":1,"gap":false,"epoch":""})", "no id");
    complains("{\"epoch\":\"\xFF\"}", "UTF-8");
    complains("{\"" + std::string(200, 'x') + "\":1}", "too long");
    complains(std::string(100, '[') + "{", "");
}

TEST_CASE("a receipt has an id and an epoch") {
    const Receipt receipt = parse_receipt(R"({"id":12,"epoch":"e"})");
    CHECK(receipt.id == 12);
    CHECK(receipt.epoch == "e");
    CHECK_THROWS_AS(parse_receipt(R"({"epoch":"e"})"), std::runtime_error);
    CHECK_THROWS_AS(parse_receipt(R"({"id":1})"), std::runtime_error);
    CHECK_THROWS_AS(parse_receipt("{}"), std::runtime_error);
}

TEST_SUITE_END();
