#include "wire/dissect/resp.hpp"

#include <algorithm>

#include "common/number.hpp"
#include "wire/dissect/lines.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

using Kind = lab::RespValue::Kind;

constexpr std::size_t kMaxTitle = 80;
constexpr std::size_t kMaxFields = 200;

// All that is said in `value`, one word after the other, as far as a title needs it.
void add_words(std::string& words, const lab::RespValue& value) {
    if (words.size() > kMaxTitle) return;
    for (const lab::RespValue& item : value.items) add_words(words, item);
    if (value.kind == Kind::array) return;
    if (!words.empty()) words += ' ';
    words += value.kind == Kind::integer ? std::to_string(value.integer)
             : value.kind == Kind::null  ? "nothing"
                                         : value.text.substr(0, kMaxTitle + 1);
}

// The name and the meaning of a line by its first byte.
Field line_field(std::string_view line, std::size_t begin) {
    Field field{begin, line.size(), "line", std::string(line), "", "RESP 2"};
    const std::string number(line.substr(1, line.find('\r') - 1));
    switch (line[0]) {
        case '*':
            field.name = "array";
            field.meaning = number == "-1" ? "nothing" : number + " values follow";
            break;
        case '$':
            field.name = "length";
            field.meaning = number == "-1" ? "nothing" : number + " bytes follow, and CRLF";
            break;
        case ':':
            field.name = "integer";
            break;
        case '-':
            field.name = "error";
            break;
        default:
            field.name = "simple string";
            break;
    }
    return field;
}

// Each line and each string in `bytes`, the first of a message that is right.
std::vector<Field> fields_of(std::string_view bytes) {
    std::vector<Field> fields;
    for (std::size_t at = 0; at < bytes.size() && fields.size() < kMaxFields;) {
        const std::size_t end = std::min(bytes.find('\n', at), bytes.size() - 1) + 1;
        const std::string_view line = bytes.substr(at, end - at);
        fields.push_back(line_field(line, at));
        at = end;
        if (line[0] != '$') continue;
        const auto length = lab::number_in<std::size_t>(
            line.substr(1, std::max(line.find('\r'), std::size_t{1}) - 1));
        if (!length || at == bytes.size()) continue;
        const std::size_t size = std::min(*length, bytes.size() - at);
        fields.push_back(
            {at, size, "string", beginning(bytes.substr(at, size)), count_of(*length, "byte"), ""});
        at = std::min(at + size + 2, bytes.size());
    }
    return fields;
}

}  // namespace

std::optional<bool> is_resp(std::string_view bytes) {
    if (bytes.empty()) return std::nullopt;
    if (bytes[0] != '*') return false;
    const std::size_t digits = std::min(bytes.find_first_not_of("0123456789", 1), bytes.size()) - 1;
    const std::string_view rest = bytes.substr(1 + digits);
    constexpr std::string_view kNext = "\r\n$";
    const std::size_t size = std::min(rest.size(), kNext.size());
    if (digits > 6 || rest.substr(0, size) != kNext.substr(0, size) || (digits == 0 && size > 0))
        return false;
    return size == kNext.size() ? std::optional(true) : std::nullopt;
}

void RespDissector::take(Side sender, std::string_view bytes, Time time) {
    using Result = lab::RespParser::Result;
    Direction& direction = directions_[static_cast<std::size_t>(sender)];
    direction.gathered.begin_segment(time);
    while (!bytes.empty() && !direction.raw) {
        const std::string_view before = bytes;
        const Result result = direction.parser.parse(bytes);
        if (result == Result::bad) {
            direction.gathered.add(before);
            return tell_raw(sender, direction, direction.parser.error());
        }
        direction.gathered.add(before.substr(0, before.size() - bytes.size()));
        if (result == Result::value) tell(sender, direction);
    }
    if (!direction.raw) return;
    direction.gathered.add(bytes);
    tell_raw(sender, direction, "");
}

void RespDissector::tell(Side sender, Direction& direction) {
    const lab::RespValue& value = direction.parser.value();
    std::string title = value.kind == Kind::error ? "error:" : "";
    add_words(title, value);
    if (title.empty()) title = "empty";
    Message message =
        direction.gathered.take(sender, sender == Side::client ? "RESP command" : "RESP reply",
                                beginning(title, kMaxTitle));
    message.fields = fields_of(message.bytes);
    found(std::move(message));
}

// Bytes that cannot be read, and `why`; empty: it was said before.
void RespDissector::tell_raw(Side sender, Direction& direction, const std::string& why) {
    direction.raw = true;
    if (direction.gathered.size() == 0) return;
    Message message = raw_message(sender, direction.gathered);
    if (!why.empty()) message.mark = Mark::bad;
    message.note = why;
    found(std::move(message));
}

void RespDissector::gap(Side sender, Time) {
    Direction& direction = directions_[static_cast<std::size_t>(sender)];
    tell_raw(sender, direction, "");
}

void RespDissector::finish(Side sender) {
    Direction& direction = directions_[static_cast<std::size_t>(sender)];
    if (direction.gathered.size() == 0) return;
    Message message = raw_message(sender, direction.gathered);
    message.note = "the rest is missing";
    found(std::move(message));
}

std::size_t RespDissector::held() const {
    return static_cast<std::size_t>(directions_[0].gathered.size() +
                                    directions_[1].gathered.size());
}

}  // namespace wire
