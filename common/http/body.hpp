// The body of an HTTP/1.1 message: where it ends, its type, and its content without the framing. It
// knows no sockets: bytes go in, the content comes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/http/head.hpp"

namespace http {

/// How the end of a body is found. Source: RFC 9112, section 6.
struct Framing {
    enum class Kind {
        length,     // it has `length` bytes; 0: there is none
        chunked,    // it comes in chunks, each with its own length
        until_end,  // it goes on until the connection ends: responses only
    };
    Kind kind = Kind::length;
    std::uint64_t length = 0;
};

/// How the body of `message` ends: of a request, or of a response, which answers a HEAD request if
/// `to_head`. Or why the message is refused: 400 where two readers could find two ends (a length
/// and chunks, two lengths, a length that is not a number), 501 for a transfer coding that is not
/// known here. Source: RFC 9112, sections 6.1 and 6.3.
std::variant<Framing, Refusal> framing_of(const Head& message, bool to_head = false);

/// Whether the content of `response` is compressed, or in another content coding. Source: RFC 9110,
/// section 8.4.
bool is_coded(const Head& response);

/// The type of a body.
struct MediaType {
    std::string name;                    // "text/plain", in lower case
    std::optional<std::string> charset;  // "utf-8", in lower case, if the message says it

    /// Whether text of this type is in UTF-8. Without a charset it is.
    [[nodiscard]] bool is_utf8() const { return !charset || *charset == "utf-8"; }
};

/// The type of the body of `message`; none if there is no Content-Type, or more than one, or it is
/// not "type/subtype". A malformed parameter is passed over, as browsers do. Source: RFC 9110,
/// section 8.3; WHATWG, MIME Sniffing, section 4.4.
std::optional<MediaType> parse_media_type(const Head& message);

/// Takes the framing off one body that arrives in pieces of any size. The result does not depend on
/// where the bytes are cut. Source: RFC 9112, section 7.1.
class BodyParser {
 public:
    enum class Result {
        end,        // the body is whole: the input begins behind it now
        need_more,  // all of the input was taken
        bad,        // error() says why: the stream cannot be read on
    };

    /// `limit`: the most bytes of content that the body may have; checked before they are kept.
    BodyParser(Framing framing, std::size_t limit);

    /// Takes bytes from the front of `input`, at most to the end of the body, and appends the
    /// content among them to `content`. Not to be called again after end or bad.
    Result parse(std::string_view& input, std::string& content);

    /// Whether the body is whole if the connection ends here.
    [[nodiscard]] bool may_end_here() const { return framing_.kind == Framing::Kind::until_end; }

    /// After Result::bad. Its status is 400 or 413.
    [[nodiscard]] const Refusal& error() const { return error_; }

 private:
    enum class Part {
        size,         // the line before a chunk
        content,      // of a chunk, or of the body
        content_end,  // the line end after a chunk
        trailer,      // the lines after the last chunk
    };
    Result take_content(std::string_view& input, std::string& content);
    Result take_line(std::string_view& input);
    Result end_line();
    Result begin_chunk(std::string_view line);
    Result refuse(int status, const std::string& text);

    Framing framing_;
    std::size_t limit_;  // bytes of content that may still come
    Part part_;
    std::uint64_t left_;       // bytes of the chunk, or of the body, that have not come yet
    std::string line_;         // a line whose end has not come yet
    std::size_t trailer_ = 0;  // bytes of the trailer so far
    Refusal error_;
};

}  // namespace http
