// Whom and what a request asks for: Host and target, and forms, whose names and values are
// percent-encoded. It knows no sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "common/http/head.hpp"

namespace http {

/// The server that a URL or a Host names. A plain value.
struct Authority {
    std::string host;                   // in small letters; an IPv6 address as RFC 5952 has it
    std::optional<std::uint16_t> port;  // none: the scheme's own
};

/// Takes "HOST", "HOST:PORT" or "[IPv6 address]:PORT" apart. Returns none if it is none of them; an
/// empty HOST is one. Any thread may call it. Source: RFC 3986, section 3.2; RFC 9110, section 7.2.
std::optional<Authority> parse_authority(std::string_view text);

/// The target of a request, taken apart and decoded. A plain value.
struct Target {
    std::string path;              // "/messages"; "*" for the server as a whole
    std::vector<Field> arguments;  // of the query, in the order in which they came
    std::string authority{};       // "HOST:PORT" of the absolute form, as it came

    /// The value of the first argument of this `name`, if there is one.
    [[nodiscard]] std::optional<std::string> argument(std::string_view name) const;
};

/// Takes a request's target apart: "/path?name=value&…", the same behind http://HOST, or "*".
/// Returns none if it is none of them, or if a % in it is not followed by two hexadecimal digits.
/// Any thread may call it. Source: RFC 9112, section 3.2; RFC 3986, section 2.1.
std::optional<Target> parse_target(std::string_view target);

/// The target of `request`, its authority that of Host if it has none. Or why it is
/// refused: 400 for a Host that is missing (but in HTTP/1.0), comes twice or names no server, and
/// for a target that is none, 501 for CONNECT. Any thread may call it. Source: RFC 9112,
/// section 3.2.
std::variant<Target, Refusal> target_of(const Head& request);

/// The names and values of a form, or of a query: "name=value&…", where + stands for a space.
/// Returns none if a % is not followed by two hexadecimal digits. Any thread may call it. Source:
/// WHATWG, URL, application/x-www-form-urlencoded.
std::optional<std::vector<Field>> parse_form(std::string_view text);

/// The value of the first of `fields` of this `name`, if there is one. Any thread may call it.
std::optional<std::string> value_in(const std::vector<Field>& fields, std::string_view name);

/// `text` for a query: all but letters, digits and "-._~" as %XX. Any thread may call it. Source:
/// RFC 3986, section 2.
std::string percent_encode(std::string_view text);

}  // namespace http
