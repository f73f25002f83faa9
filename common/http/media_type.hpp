// The kind of body that a message has: Content-Type. It knows no sockets.
#pragma once

#include <optional>
#include <string>

#include "common/http/head.hpp"

namespace http {

/// The type of a body. A plain value.
struct MediaType {
    std::string name;                    // "text/plain", in lower case
    std::optional<std::string> charset;  // "utf-8", in lower case, if it is told

    /// Whether text of this type is in UTF-8; what is not told is.
    [[nodiscard]] bool is_utf8() const { return !charset || *charset == "utf-8"; }
};

/// The type of the body of `message`; none if it is not told, told twice, or not "type/subtype". As
/// in browsers a parameter that is none is passed over. Any thread may call it. Source: RFC 9110,
/// section 8.3; WHATWG, MIME Sniffing, section 4.4.
std::optional<MediaType> media_type_of(const Head& message);

}  // namespace http
