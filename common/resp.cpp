#include "common/resp.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/number.hpp"
#include "common/visible.hpp"

namespace lab {
namespace {

using Kind = RespValue::Kind;

constexpr std::string_view kLineEnd = "\r\n";
// The first byte of a line, the longest number and the line end.
constexpr std::size_t kMaxNumberLine = 32;

void append_number_line(std::string& bytes, char type, std::size_t number) {
    bytes.append(1, type).append(std::to_string(number)).append(kLineEnd);
}

bool has_number(char type) {
    return type == ':' || type == '$' || type == '*';
}

}  // namespace

void append_command(std::string& bytes, const std::vector<std::string_view>& words) {
    append_number_line(bytes, '*', words.size());
    for (const std::string_view word : words) {
        append_number_line(bytes, '$', word.size());
        bytes.append(word).append(kLineEnd);
    }
}

RespParser::Result RespParser::parse(std::string_view& input) {
    while (!input.empty()) {
        // How much of the input belongs to what is coming: the rest of a bulk string, or of a line.
        const std::size_t end = input.find('\n');
        const bool has_end = end != std::string_view::npos;
        const std::size_t size = in_bulk_  ? std::min(bulk_size_ - begun_.size(), input.size())
                                 : has_end ? end + 1
                                           : input.size();
        if (size > limits_.bytes - bytes_)
            return fail("a reply is longer than " + std::to_string(limits_.bytes) + " bytes");
        begun_ += input.substr(0, size);
        bytes_ += size;
        input.remove_prefix(size);
        // Another protocol is noticed at its first byte, and not at the end of its first line.
        if (!in_bulk_ && std::string_view("+-:$*").find(begun_[0]) == std::string_view::npos)
            return fail("this is not RESP: a reply begins with " + visible(begun_, 40));
        if (!in_bulk_ && has_number(begun_[0]) && begun_.size() > kMaxNumberLine)
            return fail("a number is too long");
        if (in_bulk_ ? begun_.size() < bulk_size_ : !has_end) return Result::need_more;
        if (!begun_.ends_with(kLineEnd)) return fail("a line or a string does not end with CRLF");

        std::string whole = std::exchange(begun_, {});
        whole.resize(whole.size() - kLineEnd.size());
        const Result result = std::exchange(in_bulk_, false)
                                  ? take_value({Kind::bulk, std::move(whole)})
                                  : take_line(whole);
        if (result != Result::need_more) return result;
    }
    return Result::need_more;
}

RespParser::Result RespParser::take_line(std::string_view line) {
    const std::string_view rest = line.substr(1);
    switch (line[0]) {
        case '+':
            return take_value({Kind::simple, std::string(rest)});
        case '-':
            return take_value({Kind::error, std::string(rest)});
        case ':':
            return take_integer(rest);
        case '$':
            return begin_bulk(rest);
        default:
            return begin_array(rest);
    }
}

RespParser::Result RespParser::take_integer(std::string_view digits) {
    const auto number = number_in<std::int64_t>(digits);
    if (!number) return fail("not a number: " + visible(digits, 40));
    return take_value({.kind = Kind::integer, .integer = *number});
}

RespParser::Result RespParser::begin_bulk(std::string_view digits) {
    if (digits == "-1") return take_value({});
    const auto size = number_in<std::size_t>(digits);
    if (!size) return fail("not a length: " + visible(digits, 40));
    // Told before its bytes come, and before any are kept.
    if (*size > limits_.bytes - bytes_)
        return fail("a reply is longer than " + std::to_string(limits_.bytes) + " bytes");
    in_bulk_ = true;
    bulk_size_ = *size + kLineEnd.size();
    return Result::need_more;
}

RespParser::Result RespParser::begin_array(std::string_view digits) {
    if (digits == "-1") return take_value({});
    const auto size = number_in<std::size_t>(digits);
    if (!size) return fail("not a length: " + visible(digits, 40));
    if (*size > limits_.values - values_)
        return fail("a reply has more than " + std::to_string(limits_.values) + " values");
    if (*size > 0 && arrays_.size() == limits_.depth)
        return fail("arrays in arrays, more than " + std::to_string(limits_.depth) + " deep");
    if (*size == 0) return take_value({.kind = Kind::array});
    values_ += *size;
    arrays_.push_back({{.kind = Kind::array}, *size});
    return Result::need_more;
}

// `value` is whole: it is the reply, or the next item of the innermost array, which it may end.
RespParser::Result RespParser::take_value(RespValue value) {
    while (!arrays_.empty()) {
        Array& array = arrays_.back();
        array.value.items.push_back(std::move(value));
        if (--array.missing > 0) return Result::need_more;
        value = std::move(array.value);
        arrays_.pop_back();
    }
    value_ = std::move(value);
    bytes_ = values_ = 0;
    return Result::value;
}

RespParser::Result RespParser::fail(const std::string& why) {
    error_ = why;
    return Result::bad;
}

}  // namespace lab
