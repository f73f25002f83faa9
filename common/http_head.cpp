#include "common/http_head.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace http {
namespace {

// What stands in a request line beside its target: the method, two spaces, the version. No method
// that anybody uses is longer.
constexpr std::size_t kMethodAndVersion = 32;
constexpr std::size_t kMostFields = 100;

bool same(std::string_view one, std::string_view other) {
    return one.size() == other.size() && strncasecmp(one.data(), other.data(), one.size()) == 0;
}

// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of(
               "!#$%&'*+-.^_`|~0123456789"
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
}

bool is_control(char byte) {
    return (byte >= 0 && byte < 0x20) || byte == 0x7F;
}

}  // namespace

std::string_view without_white_space(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
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

std::optional<Refusal> fault_of_host(const Head& request) {
    const auto hosts = request.values("Host");
    if (hosts.size() > 1) return Refusal{400, "there is more than one Host", {}};
    if (hosts.empty() && request.minor_version > 0) return Refusal{400, "there is no Host", {}};
    if (!hosts.empty() && hosts[0].find_first_of(" \t,/?#@\"<>\\") != std::string_view::npos)
        return Refusal{400, "the Host is not a name or an address, with or without a port", {}};
    return std::nullopt;
}

HeadParser::Result HeadParser::parse(std::string_view& input) {
    while (!input.empty()) {
        const std::size_t end = input.find('\n');
        const bool whole = end != std::string_view::npos;
        const std::string_view piece = whole ? input.substr(0, end + 1) : input;
        if (!fits(piece.size())) return Result::bad;
        line_ += piece;
        size_ += piece.size();
        input.remove_prefix(piece.size());
        if (!whole) return Result::need_more;

        std::string_view line = line_;
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
    refusal_ = {status, text, {}};
    return false;
}

// Whether `more` bytes of the line may be kept. Of two limits the one that comes first counts, so
// that the answer is the same however the bytes are cut.
bool HeadParser::fits(std::size_t more) {
    const std::size_t left_of_head = limits_.head - size_;
    const std::size_t left_of_line = has_start_line_ || kind_ == Kind::response
                                         ? left_of_head + 1
                                         : limits_.target + kMethodAndVersion - line_.size();
    if (more <= std::min(left_of_head, left_of_line)) return true;
    if (left_of_line <= left_of_head) {
        return refuse(414, "the target of the request is longer than " +
                               std::to_string(limits_.target) + " bytes");
    }
    return refuse(431, "the head is longer than " + std::to_string(limits_.head) + " bytes");
}

bool HeadParser::take_line(std::string_view line) {
    if (line.find('\r') != std::string_view::npos)
        return refuse(400, "a CR stands alone: lines end with CRLF");
    if (has_start_line_) return take_field(line);
    // An empty line or two before a request are left over from a careless earlier one.
    if (line.empty()) return true;
    has_start_line_ = true;
    return kind_ == Kind::request ? take_request_line(line) : take_status_line(line);
}

bool HeadParser::take_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return refuse(400, "the request line is not: method, space, target, space, version");
    const std::string_view target = line.substr(first + 1, last - first - 1);
    head_.method = line.substr(0, first);
    head_.target = target;
    if (!is_token(head_.method)) return refuse(400, "the method is not a token");
    if (target.size() > limits_.target) {
        return refuse(414, "the target of the request is longer than " +
                               std::to_string(limits_.target) + " bytes");
    }
    const auto is_visible = [](char byte) { return byte > ' ' && byte < 0x7F; };
    if (target.empty() || !std::ranges::all_of(target, is_visible))
        return refuse(400, "the target is empty or holds a byte that has to be percent-encoded");
    return take_version(line.substr(last + 1));
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
    if (std::ranges::any_of(head_.reason, is_control))
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
    if (line.starts_with(' ') || line.starts_with('\t'))
        return refuse(400, "a header line begins with white space: obsolete line folding");
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return refuse(400, "a header line has no colon");
    const std::string_view name = line.substr(0, colon);
    if (name.ends_with(' ') || name.ends_with('\t'))
        return refuse(400, "white space stands before the colon of a header line");
    if (!is_token(name)) return refuse(400, "the name of a header field is not a token");
    const std::string_view value = without_white_space(line.substr(colon + 1));
    const auto is_forbidden = [](char byte) { return is_control(byte) && byte != '\t'; };
    if (std::ranges::any_of(value, is_forbidden))
        return refuse(400, "the value of a header field holds a control character");
    if (head_.fields.size() == kMostFields)
        return refuse(431, "there are more than " + std::to_string(kMostFields) + " header fields");
    head_.fields.push_back({std::string(name), std::string(value)});
    return true;
}

}  // namespace http
