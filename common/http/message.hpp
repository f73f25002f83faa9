// A whole HTTP/1.1 message: its head, and then its body. It knows no sockets: bytes go in, messages
// come out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "common/http/body.hpp"
#include "common/http/head.hpp"

namespace http {

/// Reads messages, one after the other, from a stream that arrives in pieces of any size. A server
/// reads requests, and a client responses. An interim response (1xx) is passed over. A response
/// whose body is compressed is bad: head() can still be read. Source: RFC 9112, sections 2 to 7;
/// RFC 9110, section 15.2.
class MessageParser {
 public:
    using Kind = HeadParser::Kind;
    enum class Result {
        head,       // head() is whole; its body follows
        content,    // body() has got more
        end,        // the message is whole; the next call begins the next one
        need_more,  // all of the input was taken
        bad,        // error() says why: the stream cannot be read on
    };

    /// `max_body`: the most bytes of content that a message may have.
    MessageParser(Kind kind, std::size_t max_body, HeadParser::Limits limits = HeadParser::Limits())
        : kind_(kind), max_body_(max_body), limits_(limits), head_parser_(kind, limits) {}

    /// Takes bytes from the front of `input`: those of a head, or those of a body.
    Result parse(std::string_view& input);
    /// The connection has ended. Returns end if that is how the message ends, bad if something is
    /// missing, need_more if there was no message under way.
    Result finish();

    /// Whether anything of the message has come, but for empty lines.
    [[nodiscard]] bool begun() const { return head_parser_.begun(); }
    /// Whether the next bytes belong to a body, its framing included, and not to a head.
    [[nodiscard]] bool in_body() const { return body_parser_.has_value() && !whole_; }
    /// The head; good from Result::head until the next message begins. The caller may move it after
    /// Result::end.
    [[nodiscard]] const Head& head() const { return head_parser_.head(); }
    [[nodiscard]] Head& head() { return head_parser_.head(); }
    /// The content so far, which the caller may take out as it comes.
    [[nodiscard]] std::string& body() { return body_; }
    /// After Result::bad. Of a response the text alone has a meaning.
    [[nodiscard]] const Refusal& error() const { return error_; }

 private:
    Result take_head(std::string_view& input);
    Result take_body(std::string_view& input);
    Result fail(const Refusal& error);

    Kind kind_;
    std::size_t max_body_;
    HeadParser::Limits limits_;
    HeadParser head_parser_;
    std::optional<BodyParser> body_parser_;  // once the head is whole
    bool whole_ = false;                     // the message has ended
    std::string body_;
    Refusal error_;
};

}  // namespace http
