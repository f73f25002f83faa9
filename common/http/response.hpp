// A server's response as bytes. It knows no sockets.
#pragma once

#include <cstddef>
#include <ctime>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/head.hpp"

namespace http {

/// A whole response.
struct Response {
    int status = 200;
    std::vector<Field> fields{};  // further header fields
    std::string content_type{};   // empty: there is no body
    std::string body{};
};

/// Whether the connection goes on after a response. Source: RFC 9112, section 9.3.
enum class Persistence { keep_alive, close };

/// `response` as bytes; with `with_body` false its head alone, as HEAD wants it. `now` becomes its
/// Date. Source: RFC 9112, section 2; RFC 9110, sections 6.6.1 and 8.6.
std::string to_bytes(const Response& response, Persistence persistence, bool with_body = true,
                     std::time_t now = std::time(nullptr));

/// The head of `response` for a body of `length` bytes that is kept elsewhere; without a length the
/// body ends with the connection. `now`: see to_bytes().
std::string head_to_bytes(const Response& response, std::optional<std::size_t> length,
                          Persistence persistence, std::time_t now = std::time(nullptr));

/// A response that many connections get: it is written once.
struct SharedResponse {
    /// The head of `response`, and `content`, which must not change.
    SharedResponse(const Response& response, std::shared_ptr<const std::string> content);

    std::shared_ptr<const std::string> body;
    std::shared_ptr<const std::string> bytes;       // all of it, on a connection that goes on
    std::shared_ptr<const std::string> last_bytes;  // on one that ends with it
};

/// The response that tells a client why it is refused, in one line of text.
Response refusal_response(const Refusal& refusal);

/// The status line of a response: "HTTP/1.1 200 OK" and a line end. Source: RFC 9112, section 4.
std::string status_line(int status);

}  // namespace http
