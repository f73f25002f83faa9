#include "common/http/head.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/byte_set.hpp"

namespace http {
namespace {

// No method in use is longer.
constexpr std::size_t kMaxMethod = 22;
// The most bytes of a request line beside its target: the method, two spaces, the version.
constexpr std::size_t kBesideTarget = kMaxMethod + 10;
constexpr std::size_t kMaxFields = 100;
// Most heads have no more fields: their room is made at once, which costs less than to grow.
constexpr std::size_t kFieldsOfMost = 8;
constexpr lab::ByteSet kTokenBytes(
    "!#$%&'*+-.^_`|~0123456789"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

char small(char byte) {
    return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

// In any case. Mostly their lengths differ, or else their first letters.
bool same(std::string_view one, std::string_view other) {
    return one.size() == other.size() && std::ranges::equal(one, other, {}, small, small);
}

}  // namespace

std::string_view without_white_space(std::string_view text) {
    const auto is_white = [](char byte) { return byte == ' ' || byte == '\t'; };
    while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_white(text.back())) text.remove_suffix(1);
    return text;
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), small);
    return result;
}

bool is_token(std::string_view text) {
    return !text.empty() && kTokenBytes.has_all(text);
}

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char byte) {
        return (static_cast<unsigned char>(byte) < ' ' && byte != '\t') || byte == 0x7F;
    });
}

std::vector<std::string_view> Head::values(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const Field& field : fields)
        if (same(field.name, name)) found.emplace_back(field.value);
    return found;
}

bool Head::has_token(std::string_view name, std::string_view token) const {
    for (std::string_view list : values(name)) {
        while (!list.empty()) {
            const std::size_t comma = std::min(list.find(','), list.size());
            if (same(without_white_space(list.substr(0, comma)), token)) return true;
            list.remove_prefix(std::min(comma + 1, list.size()));
        }
    }
    return false;
}

std::optional<Refusal> parse_field(std::string_view line, std::vector<Field>& fields) {
    if (line.starts_with(' ') || line.starts_with('\t'))
        return bad_request("a header line begins with white space: obsolete line folding");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return bad_request("a header line has no colon");
    const std::string_view name = line.substr(0, colon);
    if (name.ends_with(' ') || name.ends_with('\t'))
        return bad_request("white space stands before the colon of a header line");
    if (!is_token(name)) return bad_request("the name of a header field is not a token");
    const std::string_view value = without_white_space(line.substr(colon + 1));
    if (has_control(value))
        return bad_request("the value of a header field holds a control character");
    fields.emplace_back(name, value);
    return std::nullopt;
}

HeadParser::Result HeadParser::parse(std::string_view& input) {
    while (!input.empty()) {
        const std::size_t end = input.find('\n');
        const bool whole = end != std::string_view::npos;
        const std::string_view piece = whole ? input.substr(0, end + 1) : input;
        if (!fits(piece)) return Result::bad;
        size_ += piece.size();
        input.remove_prefix(piece.size());
        // A line that has come whole is read where it stands.
        if (!whole || !line_.empty()) line_ += piece;
        if (!whole) return Result::need_more;

        std::string_view line = line_.empty() ? piece : line_;
        line.remove_suffix(1);
        if (!limits_.lone_lf && !line.ends_with('\r')) {
            refuse(400, "an LF stands alone: lines end with CRLF");
            return Result::bad;
        }
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() && has_start_line_) return Result::head;
        if (!take_line(line)) return Result::bad;
        line_.clear();
    }
    return Result::need_more;
}

bool HeadParser::refuse(int status, const std::string& text) {
    error_ = {status, text, {}};
    return false;
}

// Whether `piece` of the line may be kept. The limit that the stream reaches first decides, so that
// the answer does not depend on where the bytes are cut.
bool HeadParser::fits(std::string_view piece) {
    const std::size_t left_of_head = limits_.head - size_;
    const std::size_t left_of_line = has_start_line_ || kind_ == Kind::response
                                         ? left_of_head + 1
                                         : limits_.target + kBesideTarget - line_.size();
    if (piece.size() <= std::min(left_of_head, left_of_line)) return true;
    if (left_of_line <= left_of_head) {
        if (!take_method(line_ + std::string(piece.substr(0, left_of_line)))) return false;
        return refuse(414, "the target of the request is longer than " +
                               std::to_string(limits_.target) + " bytes");
    }
    return refuse(431, "the head is longer than " + std::to_string(limits_.head) + " bytes");
}

bool HeadParser::take_line(std::string_view line) {
    if (line.find('\r') != std::string_view::npos)
        return refuse(400, "a CR stands alone: lines end with CRLF");
    if (has_start_line_) return take_field(line);
    // Some clients send an empty line behind a body: RFC 9112, section 2.2.
    if (line.empty()) return true;
    has_start_line_ = true;
    head_.fields.reserve(kFieldsOfMost);
    return kind_ == Kind::request ? take_request_line(line) : take_status_line(line);
}

bool HeadParser::take_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return refuse(400, "the request line is not: method, space, target, space, version");
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!take_method(line)) return false;
    head_.target = std::string(target);
    if (target.size() > limits_.target) {
        return refuse(414, "the target of the request is longer than " +
                               std::to_string(limits_.target) + " bytes");
    }
    const auto is_visible = [](char byte) { return byte > ' ' && byte < 0x7F; };
    if (target.empty() || !std::ranges::all_of(target, is_visible))
        return refuse(400, "the target is empty or holds a byte that has to be percent-encoded");
    return take_version(line.substr(last + 1));
}

// Takes the method from the front of a line that may have no end.
bool HeadParser::take_method(std::string_view line) {
    const std::string_view method = line.substr(0, line.find(' '));
    if (!is_token(method.substr(0, kMaxMethod))) return refuse(400, "the method is not a token");
    if (method.size() > kMaxMethod)
        return refuse(501, "the method is longer than any that is known here");
    head_.method = std::string(method);
    return true;
}

bool HeadParser::take_status_line(std::string_view line) {
    const std::string_view version = line.substr(0, line.find(' '));
    if (!take_version(version)) return false;
    line.remove_prefix(version.size());
    const std::string_view digits = line.substr(std::min<std::size_t>(1, line.size()), 3);
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), head_.status);
    const std::string_view rest = line.substr(std::min<std::size_t>(4, line.size()));
    if (error != std::errc() || stop != digits.data() + 3 || head_.status < 100 ||
        (!rest.empty() && rest[0] != ' '))
        return refuse(400, "the status line is not: version, space, three digits, space, reason");
    head_.reason = rest.substr(std::min<std::size_t>(1, rest.size()));
    if (has_control(head_.reason) || head_.reason.find('\t') != std::string::npos)
        return refuse(400, "the reason holds a control character");
    return true;
}

bool HeadParser::take_version(std::string_view version) {
    const auto is_digit = [](char byte) { return byte >= '0' && byte <= '9'; };
    if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) ||
        version[6] != '.' || !is_digit(version[7]))
        return refuse(400, "the version is not HTTP/ and two digits with a dot between");
    if (version[5] != '1') return refuse(505, "HTTP/1.1 is spoken here");
    head_.minor_version = version[7] - '0';
    return true;
}

bool HeadParser::take_field(std::string_view line) {
    const bool folded = line.starts_with(' ') || line.starts_with('\t');
    if (folded && kind_ == Kind::response && !head_.fields.empty()) return continue_field(line);
    if (const auto refusal = parse_field(line, head_.fields))
        return refuse(refusal->status, refusal->text);
    if (head_.fields.size() > kMaxFields)
        return refuse(431, "there are more than " + std::to_string(kMaxFields) + " header fields");
    return true;
}

// A client reads a folded line as one, with a space for the fold: RFC 9112, section 5.2. A server
// must not: it could find other fields than the proxy in front of it.
bool HeadParser::continue_field(std::string_view line) {
    const std::string_view more = without_white_space(line);
    if (has_control(more))
        return refuse(400, "the value of a header field holds a control character");
    std::string& value = head_.fields.back().value;
    if (!value.empty() && !more.empty()) value += ' ';
    value += more;
    return true;
}

}  // namespace http
