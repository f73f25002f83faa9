#include "common/http/body.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <regex>
#include <utility>

#include "common/number.hpp"

namespace http {
namespace {

// The line before a chunk: its size, and extensions.
constexpr std::size_t kMaxSizeLine = 256;
constexpr std::size_t kMaxTrailer = 16 * 1024;

// Whether `text` is a list of extensions, ;name or ;name=value, which may follow the size of a
// chunk: RFC 9112, section 7.1.1. They mean nothing here.
bool are_extensions(const std::string& text) {
    static const std::string token = R"([-!#$%&'*+.^_`|~0-9A-Za-z]+)";
    static const std::string quoted = R"("([^"\\]|\\.)*")";
    static const std::regex list("([ \\t]*;[ \\t]*" + token + "([ \\t]*=[ \\t]*(" + token + "|" +
                                 quoted + "))?)*");
    return text.empty() || std::regex_match(text, list);
}

// Takes what stands before one of `ends`, or all of it, from the front of `text`.
std::string_view take_until(std::string_view& text, std::string_view ends) {
    const std::string_view taken = text.substr(0, text.find_first_of(ends));
    text.remove_prefix(taken.size());
    return taken;
}

// Takes text in quotation marks, whose end may be missing. What follows its end means nothing.
std::string take_quoted(std::string_view& text) {
    std::string value;
    for (text.remove_prefix(1); !text.empty() && text[0] != '"'; text.remove_prefix(1)) {
        if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
        value += text[0];
    }
    take_until(text, ";");
    return value;
}

}  // namespace

std::variant<Framing, Refusal> framing_of(const Head& message, bool to_head) {
    const bool response = message.status > 0;
    const bool without = message.status < 200 || message.status == 204 || message.status == 304;
    if (response && (to_head || without)) return Framing{};
    const auto codings = message.values("Transfer-Encoding");
    const auto lengths = message.values("Content-Length");
    if (!codings.empty()) {
        // lesson: two_lengths
        // One of two readers might go by the length, and find another message in the rest.
        if (!lengths.empty())
            return bad_request("there is a Content-Length beside the Transfer-Encoding");
        // lesson end
        if (message.minor_version == 0) return bad_request("HTTP/1.0 knows no Transfer-Encoding");
        if (codings.size() == 1 && lower_case(codings[0]) == "chunked")
            return Framing{Framing::Kind::chunked, 0};
        std::string_view last = codings.back();
        last.remove_prefix(last.rfind(',') + 1);
        if (lower_case(without_white_space(last)) != "chunked")
            return bad_request("the last transfer coding is not chunked: the body has no sure end");
        return Refusal{501, "no transfer coding but chunked is known here", {}};
    }
    if (lengths.empty() && response) return Framing{Framing::Kind::until_end, 0};
    if (lengths.empty()) return Framing{};
    if (lengths.size() > 1) return bad_request("there is more than one Content-Length");
    const auto length = lab::number_in<std::uint64_t>(lengths[0]);
    if (!length) return bad_request("the Content-Length is not a number");
    return Framing{Framing::Kind::length, *length};
}

bool is_coded(const Head& response) {
    return std::ranges::any_of(response.values("Content-Encoding"), [](std::string_view coding) {
        return !coding.empty() && lower_case(coding) != "identity";
    });
}

// --- the type ------------------------------------------------------------------------------------

std::optional<MediaType> parse_media_type(const Head& message) {
    const auto values = message.values("Content-Type");
    if (values.size() != 1) return std::nullopt;
    std::string_view rest = values[0];
    MediaType type{.name = lower_case(without_white_space(take_until(rest, ";"))), .charset = {}};
    const std::size_t slash = std::min(type.name.find('/'), type.name.size());
    if (!is_token(type.name.substr(0, slash)) || slash == type.name.size() ||
        !is_token(type.name.substr(slash + 1)))
        return std::nullopt;
    while (!rest.empty()) {
        rest = without_white_space(rest.substr(1));
        const std::string parameter = lower_case(take_until(rest, ";="));
        if (!rest.starts_with('=')) continue;
        rest.remove_prefix(1);
        const bool quoted = rest.starts_with('"');
        const std::string value =
            quoted ? take_quoted(rest) : std::string(without_white_space(take_until(rest, ";")));
        if (value.empty() && !quoted) continue;
        if (parameter == "charset" && !type.charset) type.charset = lower_case(value);
    }
    return type;
}

// --- the content ---------------------------------------------------------------------------------

BodyParser::BodyParser(Framing framing, std::size_t limit)
    : framing_(framing),
      limit_(limit),
      part_(framing.kind == Framing::Kind::chunked ? Part::size : Part::content),
      left_(may_end_here() ? std::numeric_limits<std::uint64_t>::max() : framing.length) {
}

BodyParser::Result BodyParser::parse(std::string_view& input, std::string& content) {
    for (;;) {
        if (part_ == Part::content) {
            const Result result = take_content(input, content);
            if (result != Result::end || framing_.kind != Framing::Kind::chunked) return result;
            part_ = Part::content_end;
        }
        if (const Result result = take_line(input); result != Result::end) return result;
        if (part_ == Part::trailer && line_.empty()) return Result::end;
        if (const Result result = end_line(); result != Result::end) return result;
    }
}

// Returns end at the end of the chunk, or of the body.
BodyParser::Result BodyParser::take_content(std::string_view& input, std::string& content) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    // The length is known before the content comes, except for a body that ends with the
    // connection.
    if ((may_end_here() ? count : left_) > limit_)
        return refuse(413, "the body is longer than it may be");
    content += input.substr(0, count);
    input.remove_prefix(count);
    limit_ -= count;
    left_ -= count;
    return left_ == 0 ? Result::end : Result::need_more;
}

// Returns end at the end of the line, which then stands in line_.
BodyParser::Result BodyParser::take_line(std::string_view& input) {
    const std::size_t end = input.find('\n');
    const std::string_view piece = input.substr(0, end == std::string_view::npos ? end : end + 1);
    const std::size_t longest = part_ == Part::trailer ? kMaxTrailer - trailer_ : kMaxSizeLine;
    if (line_.size() + piece.size() > longest)
        return refuse(400, "a line between the chunks is too long");
    line_ += piece;
    input.remove_prefix(piece.size());
    if (end == std::string_view::npos) return Result::need_more;
    if (!line_.ends_with("\r\n")) return refuse(400, "a line between the chunks ends without CRLF");
    if (part_ == Part::trailer) trailer_ += line_.size();
    line_.resize(line_.size() - 2);
    return Result::end;
}

// Does what the line between two chunks says; returns end to go on.
BodyParser::Result BodyParser::end_line() {
    const std::string line = std::exchange(line_, "");
    if (has_control(line))
        return refuse(400, "a line between the chunks holds a control character");
    if (part_ == Part::trailer) {
        // A field of the trailer is passed over, if it is one: RFC 9110, section 6.5.1.
        std::vector<Field> passed_over;
        const auto refusal = parse_field(line, passed_over);
        return refusal ? refuse(refusal->status, refusal->text) : Result::end;
    }
    if (part_ == Part::size) return begin_chunk(line);
    if (!line.empty()) return refuse(400, "a chunk is longer than it said");
    part_ = Part::size;
    return Result::end;
}

BodyParser::Result BodyParser::begin_chunk(std::string_view line) {
    const std::string_view size = line.substr(0, line.find_first_of("; \t"));
    const auto length = lab::number_in<std::uint64_t>(size, 16);
    if (!length) return refuse(400, "the size of a chunk is not a hexadecimal number");
    if (!are_extensions(std::string(line.substr(size.size()))))
        return refuse(400, "what follows the size of a chunk is not ;name=value");
    left_ = *length;
    part_ = left_ == 0 ? Part::trailer : Part::content;
    return Result::end;
}

BodyParser::Result BodyParser::refuse(int status, const std::string& text) {
    error_ = {status, text, {}};
    return Result::bad;
}

}  // namespace http
