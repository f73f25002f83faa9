// The target of a request, and forms: what names and values they hold, percent-encoded. It knows no
// sockets.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http_head.hpp"

namespace http {

/// The target of a request, taken apart and decoded. A plain value.
struct Target {
    std::string path;              // "/messages"
    std::vector<Field> arguments;  // of the query, in the order in which they came

    /// The value of the first argument of this `name`, if there is one.
    [[nodiscard]] std::optional<std::string> argument(std::string_view name) const;
};

/// Takes a request's target apart: "/path?name=value&…", or the same behind http://HOST. Returns
/// none if it is neither, or if a % in it is not followed by two hexadecimal digits. Any thread may
/// call it. Source: RFC 9112, section 3.2; RFC 3986, section 2.1.
std::optional<Target> parse_target(std::string_view target);

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
