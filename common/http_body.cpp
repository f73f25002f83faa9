#include "common/http_body.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "common/number.hpp"

namespace http {
namespace {

// A chunk's size with whatever a sender adds to it; nobody uses the extensions.
constexpr std::size_t kLongestSizeLine = 256;
constexpr std::size_t kLongestTrailer = 16 * 1024;

Refusal bad_request(const std::string& text) {
    return {400, text, {}};
}

// What requests and responses have in common; none if the head says nothing of the body.
std::optional<std::variant<Framing, Refusal>> framing_of(const Head& head) {
    const auto codings = head.values("Transfer-Encoding");
    const auto lengths = head.values("Content-Length");
    if (!codings.empty()) {
        // One of two readers might go by the length, and find another message in the rest.
        if (!lengths.empty())
            return bad_request("there is a Content-Length beside the Transfer-Encoding");
        if (head.minor_version == 0) return bad_request("HTTP/1.0 knows no Transfer-Encoding");
        if (codings.size() > 1 || codings[0].size() != 7 ||
            !head.has_token("Transfer-Encoding", "chunked"))
            return Refusal{501, "no transfer coding but chunked is known here", {}};
        return Framing{Framing::Kind::chunked, 0};
    }
    if (lengths.empty()) return std::nullopt;
    if (lengths.size() > 1) return bad_request("there is more than one Content-Length");
    const auto length = lab::number_in<std::uint64_t>(lengths[0]);
    if (!length) return bad_request("the Content-Length is not a number");
    return Framing{Framing::Kind::length, *length};
}

}  // namespace

std::variant<Framing, Refusal> framing_of_request(const Head& request) {
    return framing_of(request).value_or(Framing{});
}

std::variant<Framing, Refusal> framing_of_response(const Head& response, bool to_head) {
    const bool without = response.status < 200 || response.status == 204 || response.status == 304;
    if (to_head || without) return Framing{};
    return framing_of(response).value_or(Framing{Framing::Kind::until_end, 0});
}

BodyDecoder::BodyDecoder(Framing framing, std::size_t limit)
    : framing_(framing),
      limit_(limit),
      part_(framing.kind == Framing::Kind::chunked ? Part::size : Part::content),
      left_(may_end_here() ? std::numeric_limits<std::uint64_t>::max() : framing.length) {
}

BodyDecoder::Result BodyDecoder::decode(std::string_view& input, std::string& content) {
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
BodyDecoder::Result BodyDecoder::take_content(std::string_view& input, std::string& content) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
    // All of it is told beforehand, but for a body that ends with the connection.
    if ((may_end_here() ? count : left_) > limit_)
        return refuse(413, "the body is longer than it may be");
    content += input.substr(0, count);
    input.remove_prefix(count);
    limit_ -= count;
    left_ -= count;
    return left_ == 0 ? Result::end : Result::need_more;
}

// Returns end at the end of the line, which then stands in line_.
BodyDecoder::Result BodyDecoder::take_line(std::string_view& input) {
    const std::size_t end = input.find('\n');
    const std::string_view piece = input.substr(0, end == std::string_view::npos ? end : end + 1);
    const std::size_t longest =
        part_ == Part::trailer ? kLongestTrailer - trailer_ : kLongestSizeLine;
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
BodyDecoder::Result BodyDecoder::end_line() {
    const std::string line = std::exchange(line_, "");
    const auto is_control = [](char byte) { return (byte >= 0 && byte < ' ') || byte == 0x7F; };
    if (std::ranges::any_of(line, is_control))
        return refuse(400, "a line between the chunks holds a control character");
    // Fields of the trailer are passed over: RFC 9110, section 6.5.1.
    if (part_ == Part::trailer) return Result::end;
    if (part_ == Part::size) return begin_chunk(line);
    if (!line.empty()) return refuse(400, "a chunk is longer than it said");
    part_ = Part::size;
    return Result::end;
}

BodyDecoder::Result BodyDecoder::begin_chunk(std::string_view size) {
    const auto length = lab::number_in<std::uint64_t>(size.substr(0, size.find(';')), 16);
    if (!length) return refuse(400, "the size of a chunk is not a hexadecimal number");
    left_ = *length;
    part_ = left_ == 0 ? Part::trailer : Part::content;
    return Result::end;
}

BodyDecoder::Result BodyDecoder::refuse(int status, const std::string& text) {
    refusal_ = {status, text, {}};
    return Result::bad;
}

}  // namespace http
