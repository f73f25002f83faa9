// What a server says in HTTP: responses, and the files of a page. It knows no sockets.
#pragma once

#include <cstddef>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/head.hpp"

namespace http {

/// A whole response: what the head says of it, and the body. A plain value.
struct Response {
    int status = 200;
    std::vector<Field> fields{};  // further fields of the head
    std::string content_type{};   // empty: there is no body
    std::string body{};
};

/// Whether the connection goes on after a response. Source: RFC 9112, section 9.3.
enum class Persistence { keep_alive, close };

/// `response` as bytes; with `with_body` false its head alone, as HEAD wants it. `now` becomes its
/// Date: RFC 9110, section 6.6.1. Any thread may call it.
std::string to_bytes(const Response& response, Persistence persistence, bool with_body = true,
                     std::time_t now = std::time(nullptr));

/// The head of `response` for a body of `length` bytes that is kept elsewhere; without a length the
/// body ends with the connection. `now`: see to_bytes(). Any thread may call it.
std::string head_to_bytes(const Response& response, std::optional<std::size_t> length,
                          Persistence persistence, std::time_t now = std::time(nullptr));

/// The response that tells a client why it is refused, in one line of text. Any thread may call it.
Response refusal_response(const Refusal& refusal);

/// The status line of a response: "HTTP/1.1 200 OK" and a line end. Any thread may call it. Source:
/// RFC 9112, section 4.
std::string status_line(int status);

/// The files of a page, as lab_embed() makes them part of a program: its own, without those that
/// all pages share.
struct Page {
    std::string_view html, script, style;
};

/// The response to a GET for `path`: the page at "/", its files at "/page.js" and "/page.css", and
/// what all pages share at "/common.js" and "/common.css"; none if it is for none of them. Any
/// thread may call it.
std::optional<Response> page_response(const Page& page, std::string_view path);

/// The fields of everything that a page gets: it may load from, and connect to, nothing but its own
/// server, no other page may frame it, and no cache keeps it. Any thread may call it. Source: W3C,
/// Content Security Policy Level 3; WHATWG, Fetch (nosniff).
const std::vector<Field>& security_fields();

}  // namespace http
