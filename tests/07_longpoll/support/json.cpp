#include "tests/07_longpoll/support/json.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <functional>
#include <set>

#include "common/utf8.hpp"
#include "common/visible.hpp"

namespace lab::test::longpoll {
namespace {

// 2^53 - 1: the largest whole number that JavaScript tells from the next one.
constexpr std::uint64_t kMaxNumber = (std::uint64_t{1} << 53) - 1;

std::string utf8_of(std::uint32_t character) {
    const auto byte = [](std::uint32_t value) { return static_cast<char>(value); };
    if (character < 0x80) return {byte(character)};
    const char last = byte(0x80 | (character & 0x3F));
    if (character < 0x800) return {byte(0xC0 | character >> 6), last};
    const char middle = byte(0x80 | (character >> 6 & 0x3F));
    if (character < 0x10000) return {byte(0xE0 | character >> 12), middle, last};
    return {byte(0xF0 | character >> 18), byte(0x80 | (character >> 12 & 0x3F)), middle, last};
}

// Reads a text from its front on.
class Reader {
 public:
    Reader(std::string_view json, const std::string& hint, Place place)
        : json_(json), rest_(json), hint_(hint), place_(place) {}

    void expect_end() {
        skip_space();
        if (!rest_.empty()) bad("the end of the JSON");
    }

    // Has `member` read the value of each key. `keys` must be there; others may be.
    void object(const std::set<std::string>& keys,
                const std::function<void(const std::string&)>& member) {
        std::set<std::string> seen;
        expect_token("{");
        while (!take_token("}")) {
            if (!seen.empty()) expect_token(",");
            const std::string key = string();
            if (!seen.insert(key).second) bad("each key once, and not again " + key);
            expect_token(":");
            if (keys.contains(key)) {
                member(key);
            } else {
                pass_over();
            }
        }
        for (const std::string& key : keys)
            if (!seen.contains(key)) bad("the key \"" + key + "\" in the object before this");
    }

    // Has `element` read each element.
    void array(const std::function<void()>& element) {
        expect_token("[");
        for (bool first = true; !take_token("]"); first = false) {
            if (!first) expect_token(",");
            element();
        }
    }

    std::uint64_t number() {
        skip_space();
        const std::size_t size = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        const std::string_view digits = rest_.substr(0, size);
        std::uint64_t value = 0;
        const auto [stop, error] = std::from_chars(digits.data(), digits.data() + size, value);
        if (digits.empty() || error != std::errc() || value > kMaxNumber ||
            (size > 1 && digits[0] == '0'))
            bad("a whole number of at most 2^53 - 1");
        rest_.remove_prefix(size);
        return value;
    }

    bool truth() {
        if (take_token("true")) return true;
        expect_token("false");
        return false;
    }

    std::string string() {
        expect_token("\"");
        std::string text;
        while (!take("\"")) {
            if (take("\\")) {
                text += escaped();
            } else {
                const std::size_t size = lab::utf8_character(rest_);
                if (size == 0 || static_cast<unsigned char>(rest_[0]) < ' ')
                    bad("UTF-8, with control characters escaped");
                text += rest_.substr(0, size);
                rest_.remove_prefix(size);
            }
        }
        return text;
    }

 private:
    // Takes `text` if the rest begins with it.
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    // RFC 8259, section 2: white space may stand before and after each token.
    void skip_space() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    }
    bool take_token(std::string_view token) {
        skip_space();
        return take(token);
    }
    void expect_token(std::string_view token) {
        if (!take_token(token)) bad(std::string(token));
    }

    // A value that nobody asks for.
    void pass_over() {
        skip_space();
        if (rest_.starts_with('"')) {
            string();
        } else if (rest_.starts_with('{')) {
            object({}, [](const std::string& /*key*/) {});
        } else if (rest_.starts_with('[')) {
            array([this] { pass_over(); });
        } else {
            const std::size_t end = std::min(rest_.find_first_of(" \t\r\n,]}"), rest_.size());
            if (end == 0) bad("a value");
            rest_.remove_prefix(end);
        }
    }

    // The character for which an escape stands; its backslash has been taken.
    std::string escaped() {
        constexpr std::string_view kLetters = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        if (take("u")) {
            const std::uint32_t first = hexadecimal();
            if (first < 0xD800 || first > 0xDFFF) return utf8_of(first);
            // Past U+FFFF a character takes two escapes: a surrogate pair.
            if (first > 0xDBFF || !take("\\u")) bad("the first half of a surrogate pair, and \\u");
            const std::uint32_t second = hexadecimal();
            if (second < 0xDC00 || second > 0xDFFF) bad("the second half of a surrogate pair");
            return utf8_of(0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00));
        }
        const std::size_t which = rest_.empty() ? std::string_view::npos : kLetters.find(rest_[0]);
        if (which == std::string_view::npos) bad("one of \"\\/bfnrtu after a backslash");
        rest_.remove_prefix(1);
        return {kMeanings[which]};
    }

    std::uint32_t hexadecimal() {
        std::uint32_t value = 0;
        const std::string_view digits = rest_.substr(0, 4);
        const auto [stop, error] =
            std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (error != std::errc() || stop != digits.data() + 4) bad("four hexadecimal digits");
        rest_.remove_prefix(4);
        return value;
    }

    [[noreturn]] void bad(const std::string& expected) const {
        const std::size_t at = json_.size() - rest_.size();
        fail(expected + " at byte " + std::to_string(at) + " of the JSON",
             lab::visible(json_.substr(0, at), 2000) + " and then " + lab::visible(rest_, 100),
             hint_, place_);
    }

    std::string_view json_, rest_;
    const std::string& hint_;
    Place place_;
};

}  // namespace

News news_in(std::string_view json, const std::string& hint, Place place) {
    Reader reader(json, hint, place);
    News news;
    const auto read_message = [&] {
        Message message;
        reader.object({"id", "name", "text"}, [&](const std::string& key) {
            if (key == "id") message.id = reader.number();
            if (key == "name") message.name = reader.string();
            if (key == "text") message.text = reader.string();
        });
        news.messages.push_back(std::move(message));
    };
    reader.object({"messages", "last", "gap", "epoch"}, [&](const std::string& key) {
        if (key == "messages") reader.array(read_message);
        if (key == "last") news.last = reader.number();
        if (key == "gap") news.gap = reader.truth();
        if (key == "epoch") news.epoch = reader.string();
    });
    reader.expect_end();
    return news;
}

Receipt receipt_in(std::string_view json, const std::string& hint, Place place) {
    Reader reader(json, hint, place);
    Receipt receipt;
    reader.object({"id", "epoch"}, [&](const std::string& key) {
        if (key == "id") receipt.id = reader.number();
        if (key == "epoch") receipt.epoch = reader.string();
    });
    reader.expect_end();
    return receipt;
}

}  // namespace lab::test::longpoll
