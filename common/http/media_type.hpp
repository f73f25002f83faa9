// Content-Type: the type of a body. It knows no sockets.
#pragma once

#include <optional>
#include <string>

#include "common/http/head.hpp"

namespace http {

/// The type of a body.
struct MediaType {
    std::string name;                    // "text/plain", in lower case
    std::optional<std::string> charset;  // "utf-8", in lower case, if the message says it

    /// Whether text of this type is in UTF-8. Without a charset it is.
    [[nodiscard]] bool is_utf8() const { return !charset || *charset == "utf-8"; }
};

/// The type of the body of `message`; none if there is no Content-Type, or more than one, or it is
/// not "type/subtype". A malformed parameter is passed over, as browsers do. Source: RFC 9110,
/// section 8.3; WHATWG, MIME Sniffing, section 4.4.
std::optional<MediaType> parse_media_type(const Head& message);

}  // namespace http
