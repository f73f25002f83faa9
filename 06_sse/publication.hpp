// What somebody wants to publish. It knows no sockets: a request, or an entry of a room that
// several servers share, goes in; an event's content or a refusal comes out.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/broker/broker.hpp"
#include "common/http/connection.hpp"
#include "common/http/head.hpp"

namespace sse {

/// The parts of an event.
struct Publication {
    std::string type;  // empty: none was given
    std::string data;  // UTF-8, with whatever line ends
};

/// The content of the event that `request`, a POST, publishes: its body as text/plain, or the
/// fields `text`, `name` and `event` of a form. ?name= and ?event= may also stand in the target; a
/// form's fields go first. A name is put before the text. Or why the request is refused: 400 or
/// 415.
std::variant<Publication, http::Refusal> parse_publication(const http::Request& request);

/// `publication` as an entry of a room: `data`, and `type` unless it is empty.
lab::EntryFields to_entry(const Publication& publication);

/// The publication that an entry of a room holds; none if it breaks a rule that requests keep.
std::optional<Publication> parse_entry(const lab::EntryFields& entry);

}  // namespace sse
