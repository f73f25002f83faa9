// A client of HTTP/1.1 of the tests' own, which sends the bytes that a case wants, wrong ones too,
// and checks the responses that come against RFC 9112.
#pragma once

#include <string>
#include <string_view>

#include "tests/support/connection.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// A response of the server, or a request of the client: its first line, and its header lines.
struct HttpHead {
    std::string first_line, fields;

    /// 101 in "HTTP/1.1 101 Switching Protocols"; 0 if there is none.
    [[nodiscard]] int status() const;
    /// The value of the only header line of this name, in any case; empty if there is none.
    [[nodiscard]] std::string value(std::string_view name) const;
};

/// A whole response. The body is without its framing.
struct HttpResponse {
    HttpHead head;
    std::string body;
};

/// A request of HTTP/1.1 that is in order. `fields` are more header lines, each with CRLF; there is
/// a Host, and with a `body` its length.
std::string http_request(std::string_view method, std::string_view target,
                         std::string_view fields = "", std::string_view body = "");

/// The status, content type and length that a whole response begins with, and its `body`: what a
/// server of the tests' own says. `fields` are more header lines.
std::string http_response(std::string_view status, std::string_view body = "",
                          std::string_view fields = "");

/// `content` as one chunk, without the last one: RFC 9112, section 7.1.
std::string chunk(std::string_view content);
/// The end of a body in chunks.
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// `text` in lower case: names of fields and many of their values are the same in any.
std::string lower(std::string_view text);

/// Whether `list`, the value of a field, holds `token` in any case: RFC 9110, section 5.6.1.
bool has_token(std::string_view list, std::string_view token);

/// Receives a head, up to and including the empty line.
HttpHead receive_head(Connection& connection, const std::string& hint, Place place = Place::here());

/// Receives a response of HTTP/1.1, whose length, chunks or connection tell its end. One `to_head`,
/// a request for HEAD, has no body.
HttpResponse receive_response(Connection& connection, const std::string& hint, bool to_head = false,
                              Place place = Place::here());

/// Receives a request, the body of which has a length if there is one: for a server of the tests'
/// own.
HttpResponse receive_request(Connection& connection, const std::string& hint,
                             Place place = Place::here());

/// The response must have `status`.
void expect_status(const HttpResponse& response, int status, const std::string& hint,
                   Place place = Place::here());

/// The response to `request` on a connection of its own.
HttpResponse ask(const Server& server, std::string_view request, const std::string& hint,
                 Place place = Place::here());

/// The same, but it must have `status`.
HttpResponse expect_status(const Server& server, std::string_view request, int status,
                           const std::string& hint, Place place = Place::here());

/// The same as ask(), but then the server must end the connection, and send nothing else.
HttpResponse ask_last(const Server& server, std::string_view request, const std::string& hint,
                      Place place = Place::here());

/// `request` must be refused with `status`, and be the last on its connection.
HttpResponse expect_refused(const Server& server, std::string_view request, int status,
                            const std::string& hint, Place place = Place::here());

}  // namespace lab::test
