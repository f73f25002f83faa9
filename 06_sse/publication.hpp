// What somebody wants to publish. It knows no sockets: a request goes in, an event's content or a
// refusal comes out.
#pragma once

#include <string>
#include <variant>

#include "common/http/connection.hpp"
#include "common/http/head.hpp"

namespace sse {

/// The parts of an event.
struct Publication {
    std::string type;  // empty: none was given
    std::string data;  // UTF-8, with whatever line ends
};

/// What `request`, a POST, is to publish: its body as text/plain, or the fields `text`, `name` and
/// `event` of a form; ?name= and ?event= may stand in the target too, where a form's fields go
/// first. A name is put before the text. Any thread may call it.
std::variant<Publication, http::Refusal> parse_publication(const http::Request& request);

}  // namespace sse
