// What the parts of an HTTP message mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/http/head.hpp"
#include "wire/dissect/message.hpp"

namespace wire {

/// The fields of the head that `bytes` begins with: the start line in its parts, each header field
/// with what it says, the empty line. Source: RFC 9112, sections 2 to 5.
std::vector<Field> fields_of_head(std::string_view bytes, bool request);

/// How the Sec-WebSocket-Accept of `response` comes from `key`; no rows if it has none. Source: RFC
/// 6455, section 4.2.2.
Table accept_table(const http::Head& response, std::string_view key);

/// Which bytes of a body are content, and which are its framing.
struct Span {
    std::size_t begin = 0, size = 0;  // in Message::bytes
    bool content = false;
};

/// Adds the byte at `at` to the last span if it is of its kind, or begins a new one.
void add_to_spans(std::vector<Span>& spans, std::size_t at, bool content);

/// The fields of a body's framing: the sizes of chunks, and the ends of chunks. Source: RFC 9112,
/// section 7.1.
std::vector<Field> fields_of_chunks(std::string_view bytes, const std::vector<Span>& spans);

}  // namespace wire
