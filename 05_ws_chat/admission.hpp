// Who may enter the chat. It knows no sockets: what a request says goes in, a decision comes out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http_head.hpp"

namespace ws_chat {

/// What the request for a WebSocket says. The arguments come decoded.
struct Request {
    std::string path;                   // "/ws"
    std::string host;                   // "localhost:8000"
    std::optional<std::string> origin;  // a browser's: "http://localhost:8000", or "null"
    std::optional<std::string> token;   // ?token=
    std::optional<std::string> name;    // ?name=
};

/// What one is called who gives no name.
constexpr const char* kDefaultName = "User";

/// Who is let in.
struct Rules {
    bool secure = false;                     // the server speaks TLS: its own pages are https://
    std::vector<std::string> allow_origins;  // besides its own; "*" allows all
    std::string token;                       // empty: none is needed
};

/// Why `request` is refused; none if it may enter. Its name is looked at too. Any thread may call
/// it. Source: RFC 6455, sections 4.2.2 and 10.2.
std::optional<http::Refusal> fault_of(const Request& request, const Rules& rules);

}  // namespace ws_chat
