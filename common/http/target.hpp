// The host and the target of a request, and forms, whose names and values are percent-encoded. It
// knows no sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/head.hpp"

namespace http {

/// The server in a URL or in a Host field.
struct Authority {
    std::string host;                   // in small letters; an IPv6 address as in RFC 5952
    std::optional<std::uint16_t> port;  // none: the scheme's own
};

/// Takes "HOST", "HOST:PORT" or "[IPv6 address]:PORT" apart, where HOST may be empty. Returns none
/// if `text` has another form. Source: RFC 3986, section 3.2; RFC 9110, section 7.2.
std::optional<Authority> parse_authority(std::string_view text);

/// The value of the first of `fields` with this `name`, if there is one.
std::optional<std::string> value_in(const std::vector<Field>& fields, std::string_view name);

/// The target of a request, taken apart and decoded.
struct Target {
    std::string path;              // "/messages"; "*" for the server as a whole
    std::vector<Field> arguments;  // of the query, in the order in which they came
    std::string authority{};       // "HOST:PORT" of the absolute form or of Host, as it came

    /// The value of the first argument of this `name`, if there is one.
    [[nodiscard]] std::optional<std::string> argument(std::string_view name) const {
        return value_in(arguments, name);
    }
};

/// Takes a request's target apart: "/path?name=value&…", the same behind http://HOST, or "*".
/// Returns none if it has another form, or a % without two hexadecimal digits. Source: RFC 9112,
/// section 3.2; RFC 3986, section 2.1.
std::optional<Target> parse_target(std::string_view target);

/// Takes apart the target of `request`, with the authority of its Host if it has none of its own,
/// into `target`. Or returns why the request is refused: 400 if Host is missing (but in HTTP/1.0),
/// comes twice or names no server, or if the target has no valid form; 501 for CONNECT. Source: RFC
/// 9112, section 3.2.
std::optional<Refusal> parse_target(const Head& request, Target& target);

/// The names and values of a form, or of a query: "name=value&…", where + stands for a space.
/// Returns none if a % is not followed by two hexadecimal digits. Source: WHATWG, URL,
/// application/x-www-form-urlencoded.
std::optional<std::vector<Field>> parse_form(std::string_view text);

/// `text` for a query: all bytes but letters, digits and "-._~" as %XX. Source: RFC 3986,
/// section 2.
std::string percent_encode(std::string_view text);

}  // namespace http
