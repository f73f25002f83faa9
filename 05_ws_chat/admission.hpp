// The rules about who may enter the chat, and the answer that everybody else gets. It knows no
// sockets: what a request says goes in, a decision comes out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "common/http/connection.hpp"
#include "common/http/response.hpp"

namespace ws_chat {

/// The name of a member that gives none.
constexpr const char* kDefaultName = "User";

/// The rules by which clients are let in.
struct Rules {
    bool secure = false;                     // the server speaks TLS: its own pages are https://
    std::vector<std::string> allow_origins;  // besides its own; "*" allows all
    std::string token;                       // empty: none is needed
};

/// The response to `request`, whose method is as the client sent it: a file of the page, or why it
/// is refused. None if it may enter the chat. Source: RFC 6455, sections 4.2.1, 4.2.2, 4.4 and
/// 10.2; RFC 9110, section 15.5.
std::optional<http::Response> response_to(const http::Request& request, const Rules& rules);

/// The response to a request that could enter, but for which there is no place.
http::Response response_when_full();

/// A client that may enter, as its request tells of it.
struct Newcomer {
    std::string name;
    bool heartbeats = false;  // ?heartbeat=: it is to get a message that it can see at each ping
};

/// The newcomer of `request`, one that may enter.
Newcomer newcomer_of(const http::Request& request);

}  // namespace ws_chat
