#include "common/http/message.hpp"

#include <variant>

namespace http {

MessageParser::Result MessageParser::parse(std::string_view& input) {
    if (whole_) *this = MessageParser(kind_, max_body_, limits_);
    return body_parser_ ? take_body(input) : take_head(input);
}

MessageParser::Result MessageParser::take_head(std::string_view& input) {
    for (;;) {
        const auto result = head_parser_.parse(input);
        if (result == HeadParser::Result::need_more) return Result::need_more;
        if (result == HeadParser::Result::bad) return fail(head_parser_.error());
        if (kind_ == Kind::request || head().status >= 200) break;
        if (head().status == 101) return fail(bad_request("the server switches protocols"));
        head_parser_ = HeadParser(kind_, limits_);
    }
    const auto framing = framing_of(head());
    if (const auto* const refusal = std::get_if<Refusal>(&framing)) return fail(*refusal);
    body_parser_.emplace(std::get<Framing>(framing), max_body_);
    return Result::head;
}

MessageParser::Result MessageParser::take_body(std::string_view& input) {
    const std::size_t before = body_.size();
    const auto result = body_parser_->parse(input, body_);
    const bool more = body_.size() > before;
    if (more && kind_ == Kind::response && is_coded(head()))
        return fail(bad_request("the body is compressed: not asked for"));
    if (result == BodyParser::Result::bad) return fail(body_parser_->error());
    whole_ = result == BodyParser::Result::end;
    if (whole_) return Result::end;
    return more ? Result::content : Result::need_more;
}

MessageParser::Result MessageParser::finish() {
    if (whole_ || !begun()) return Result::need_more;
    if (!body_parser_ || !body_parser_->may_end_here())
        return fail(bad_request("the server ended the connection within a response"));
    whole_ = true;
    return Result::end;
}

MessageParser::Result MessageParser::fail(const Refusal& error) {
    error_ = error;
    return Result::bad;
}

}  // namespace http
