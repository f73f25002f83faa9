// Unit tests of text: as it is shown, on a terminal and elsewhere; names, numbers, and the word
// exit.
#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "common/name.hpp"
#include "common/number.hpp"
#include "common/terminal_text.hpp"
#include "common/typed_lines.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"

using namespace std::string_literals;

TEST_SUITE_BEGIN("unit");

TEST_CASE("visible shows text as it is and all else by its number") {
    using lab::visible;
    CHECK(visible("hello\r\n") == R"("hello\r\n")");
    CHECK(visible("Привіт 👋") == R"("Привіт 👋")");
    CHECK(visible("a\\b") == R"("a\\b")");
    CHECK(visible("\x1b[2J\t\x7f\0"s) == R"("\x1b[2J\x09\x7f\x00")");
    CHECK(visible("\xff\xd0") == R"("\xff\xd0")");
    CHECK(visible("\xc2\x9b") == R"("\xc2\x9b")");  // U+009B begins an escape sequence too
    CHECK(visible("") == R"("")");
}

TEST_CASE("visible cuts what is long and never within a character") {
    CHECK(lab::visible("12345", 5) == R"("12345")");
    CHECK(lab::visible("123456", 5) == "\"12345…");
    CHECK(lab::visible("1234п", 5) == "\"1234…");
}

TEST_CASE("only whole and valid UTF-8 characters are found") {
    using lab::utf8_character;
    CHECK(utf8_character("a") == 1);
    CHECK(utf8_character("пр") == 2);
    CHECK(utf8_character("€") == 3);
    CHECK(utf8_character("👋") == 4);
    CHECK(utf8_character("\xf4\x8f\xbf\xbf") == 4);  // U+10FFFF, the last one
    for (const char* bad :
         {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
          "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xd0", "\xe2\x82", "\xf0\x9f\x91", "\xd0 "})
        CHECK(utf8_character(bad) == 0);
    CHECK(utf8_character("") == 0);
}

TEST_CASE("text for a terminal keeps its lines and loses its power") {
    CHECK(lab::without_controls("a\tб\n") == "a\tб\n");
    CHECK(lab::without_controls("\x1b]0;x\x07\r") == R"(\x1b]0;x\x07\r)");
    CHECK(lab::without_controls("\xc2\x9bm \x9bm \x7f") == R"(\xc2\x9bm \x9bm \x7f)");
    CHECK(lab::without_controls("\u2028\u2029") == R"(\xe2\x80\xa8\xe2\x80\xa9)");
    CHECK(lab::without_controls("a\u202Eb") == R"(a\xe2\x80\xaeb)");
    CHECK(lab::without_controls("\u2067\u200F\u061C") == R"(\xe2\x81\xa7\xe2\x80\x8f\xd8\x9c)");
    CHECK(lab::without_controls("👩‍🚀 שלום") ==
          "👩‍🚀 שלום");  // joined by U+200D
}

TEST_CASE("a stranger's message is one line, for a terminal and for a program that reads") {
    CHECK(lab::one_line("hi\r\nAlice: yes\t\x1b") == R"(hi\r\nAlice: yes)"
                                                     "\t"
                                                     R"(\x1b)");
    CHECK(lab::one_line("hi\nAlice: yes\x1b", false) == R"(hi\nAlice: yes)"
                                                        "\x1b");
    CHECK(lab::spoken("Bob: hi\nAlice: yes", false) == R"(Bob: hi\nAlice: yes)");
    CHECK(lab::spoken("Bob: hi", true) == "Bob: hi");
    CHECK(lab::spoken("דוד: hi", true) == "\u2068דוד\u2069: hi");
    CHECK(lab::spoken("דוד: hi", false) == "דוד: hi");
    CHECK(lab::spoken("nobody says it", true) == "nobody says it");
    CHECK(lab::spoken("a\u202Eb: hi", true) == R"(a\xe2\x80\xaeb: hi)");
}

TEST_CASE("a stream for a terminal keeps its characters whole and isolates names") {
    const std::string lines = "Bob: hi \xc2\x9b \x9b\nДід: \u20ac\nדוד: 👋 b: c\n\xf0\x9f";
    const std::string shown = R"(Bob: hi \xc2\x9b \x9b)"
                              "\n\u2068Дід\u2069: \u20ac\n\u2068דוד\u2069: 👋 b: c\n"
                              R"(\xf0\x9f)";
    for (const std::size_t half : {lines.size(), lines.find("\x9b"), lines.find("\x82"),
                                   lines.find("\x91"), lines.find("hi")}) {
        lab::TerminalText text;
        std::string taken = text.take(lines.substr(0, half));
        taken += text.take(lines.substr(half));
        CHECK(taken + text.finish() == shown);
    }
}

TEST_CASE("only the word exit is the word exit") {
    for (const std::string& word : {"exit"s, "EXIT"s, "eXit"s}) CHECK(lab::says_exit(word));
    for (const std::string& word : {""s, "exit\0 or not"s, "exit\0"s, "exit "s, "exi"s})
        CHECK_FALSE(lab::says_exit(word));
}

TEST_CASE("a name is UTF-8 of 1 to 32 characters, one of them visible, and none that controls") {
    std::string waves;
    for (int i = 0; i < 32; ++i) waves += "👋";
    for (const std::string& good :
         {"A"s, "a "s, "é"s, "e\u0301"s, "👩\u200D🚀"s, "דוד"s, "Ада Лавлейс"s, std::string(32, 'x'),
          waves, "<img onerror>"s, "\xc2\xa0x"s})
        CHECK_MESSAGE(lab::is_name(good), good);
    for (const std::string& bad :
         {""s, std::string(33, 'x'), waves + "x", "a\nb"s, "a\rb"s, "a\tb"s, "\x1b[2J"s, "\x7f"s,
          "a\0b"s, "\xc2\x85"s, "\xff"s, "a\xd0"s, "\xc0\x80"s, "\xed\xa0\x80"s,
          // They turn what stands around them, or end the line.
          "a\u202A"s, "a\u202E"s, "a\u2066"s, "a\u2069"s, "a\u200E"s, "a\u200F"s, "a\u061C"s,
          "a\u2028"s, "a\u2029"s,
          // Nothing can be seen.
          " "s, "\u00A0"s, "\u200B"s, "\u200C\u200D"s, "\u2060"s, "\uFEFF"s, "\u3164"s, "\u115F"s,
          "\u1160"s, "\uFFA0"s, "\u2800"s, "\u0301\u0302"s, "\uFE0F"s, "\u3000 \u2003"s})
        CHECK_FALSE_MESSAGE(lab::is_name(bad), bad);
}

TEST_CASE("a number is the whole of a text and none that is too large") {
    CHECK(lab::number_in<std::int64_t>("-7") == -7);
    CHECK(lab::number_in<std::uint8_t>("fF", 16) == 255);
    for (const char* const wrong : {"", " 7", "7 ", "+7", "-7", "7.0", "0x7", "256"})
        CHECK_FALSE_MESSAGE(lab::number_in<std::uint8_t>(wrong), wrong);
}

TEST_SUITE_END();
