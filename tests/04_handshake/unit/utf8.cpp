// Unit tests of the check of UTF-8 that 04_handshake makes.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/utf8.hpp"
#include "common/visible.hpp"
#include "tests/support/pieces.hpp"

using namespace std::string_literals;
using lab::Utf8Validator;

namespace {

enum class Answer { text, cut, bad };  // text, text that ends within a character, no text

Answer check(const std::vector<std::string_view>& pieces) {
    Utf8Validator validator;
    for (const std::string_view piece : pieces)
        if (!validator.take(piece)) return Answer::bad;
    return validator.complete() ? Answer::text : Answer::cut;
}

// Which byte, from 1, is refused when they come one by one: 0 if none is.
std::size_t refused_at(const std::string& bytes) {
    Utf8Validator validator;
    for (std::size_t at = 0; at < bytes.size(); ++at)
        if (!validator.take(std::string_view(bytes).substr(at, 1))) return at + 1;
    return 0;
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("UTF-8 is taken however it is cut") {
    for (const std::string& text :
         {""s, "\0"s, "a\x7f"s, "Привіт"s, "€"s, "👋"s, "\xef\xbb\xbf BOM"s, "\xef\xbf\xbf"s,
          "\xef\xbf\xbe"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s,
          "\xee\x80\x80"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s,
          "κόσμε and ASCII between, 👋!"s}) {
        for (const auto& pieces : lab::test::all_cuts(text))
            CHECK_MESSAGE(check(pieces) == Answer::text, lab::visible(text));
    }
}

TEST_CASE("text that is not UTF-8 is refused at the first byte that cannot be right") {
    const std::vector<std::pair<std::string, std::size_t>> cases{
        {"\x80", 1},              // a later byte without a first one
        {"\xbf", 1},              //
        {"\xc0\x80", 1},          // overlong: NUL in two bytes
        {"\xc1\xbf", 1},          //
        {"\xe0\x80\x80", 2},      // in three
        {"\xe0\x9f\xbf", 2},      // U+07FF
        {"\xf0\x80\x80\x80", 2},  // in four
        {"\xf0\x8f\xbf\xbf", 2},  // U+FFFF
        {"\xed\xa0\x80", 2},      // the first half of a surrogate pair
        {"\xed\xbf\xbf", 2},      // the last
        {"\xf4\x90\x80\x80", 2},  // U+110000
        {"\xf5\x80\x80\x80", 1},  //
        {"\xf8\x88\x80\x80\x80", 1},
        {"\xfe", 1},
        {"\xff", 1},
        {"\xd0 ", 2},
        {"\xd0\xd0", 2},
        {"\xe2\x82 ", 3},
        {"\xe2\x28\xa1", 2},
        {"\xf0\x9f\x91 ", 4},
        {"\xf0\x9f\xc0\x80", 3},
        {"a\xd0\xbf\xff", 4},
        {"\xed\x9f\xbf\xed\xa0\x80", 5},
        {"\xe0\xa0\x80\xe0\x80", 5},  // the range of one character is not that of the next
        {"\xe0\xa0\x80\xc2\x80", 0},
        {"\xed\x80\xbf\xee\xbf\xbf", 0},
        {"\xf4\x80\xbf\xbf\xf0\x90\x80\x80", 0},
    };
    for (const auto& [bytes, at] : cases) {
        const std::string shown = lab::visible(bytes);
        CHECK_MESSAGE(refused_at(bytes) == at, shown);
        for (const auto& pieces : lab::test::all_cuts(bytes))
            CHECK_MESSAGE((check(pieces) == Answer::bad) == (at > 0), shown);
    }
}

TEST_CASE("a text that ends within a character is seen to be cut") {
    for (const std::string& text : {"п"s, "€"s, "👋"s}) {
        for (std::size_t size = 1; size < text.size(); ++size) {
            for (const auto& pieces : lab::test::all_cuts(std::string_view(text).substr(0, size)))
                CHECK(check(pieces) == Answer::cut);
        }
    }
}

TEST_CASE("whatever stands before and after it a byte is judged alike") {
    // ASCII is skipped eight bytes at once: each place within the eight, and pieces of each size.
    for (std::size_t before = 0; before <= 17; ++before) {
        for (std::size_t after = 0; after <= 9; ++after) {
            const auto between = [&](const std::string& bytes) {
                return std::string(before, 'a').append(bytes).append(after, 'z');
            };
            CHECK(refused_at(between("\x80")) == before + 1);
            CHECK(refused_at(between("п\xff")) == before + 3);
            for (std::size_t size = 1; size <= 17; ++size) {
                const auto judge = [&](const std::string& text) {
                    return check(lab::test::in_pieces(text, size));
                };
                CHECK(judge(between("п")) == Answer::text);
                CHECK(judge(between("👋") + "€") == Answer::text);
                CHECK(judge(between("\x80")) == Answer::bad);
                CHECK(judge(between("\xd0z")) == Answer::bad);
                CHECK(judge(between("a") + "\xd0") == Answer::cut);
            }
        }
    }
}

TEST_CASE("all sequences of four bytes at the borders are judged as common judges them") {
    const std::string borders =
        "\x00\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xc1\xc2\xdf\xe0\xe1\xec\xed\xee\xef\xf0\xf1\xf3"
        "\xf4\xf5\xff"s;
    int differences = 0;
    for (const char first : borders) {
        for (const char second : borders) {
            for (const char third : borders) {
                for (const char fourth : borders) {
                    const std::string bytes{first, second, third, fourth};
                    const bool text = check({bytes}) == Answer::text;
                    const bool bytewise = check(lab::test::in_pieces(bytes, 1)) == Answer::text;
                    if (text != lab::is_utf8(bytes) || bytewise != text) ++differences;
                }
            }
        }
    }
    CHECK(differences == 0);
}

TEST_SUITE_END();
