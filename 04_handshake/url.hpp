// The address of a WebSocket.
#pragma once

#include <string>

namespace websocket {

/// The parts of a WebSocket's address: ws[s]://host:port/path?query.
struct Url {
    bool secure = false;  // wss://
    std::string host;     // without the brackets of an IPv6 address
    std::string port;
    std::string target;  // path and query
};

/// Takes `url` apart. Throws std::runtime_error, which says what is wrong with it. Any thread may
/// call it. Source: RFC 6455, section 3.
Url parse_url(const std::string& url);

/// The host and the port of `url` as a Host field has them: an IPv6 address in brackets, the port
/// left out where it is the scheme's own. Any thread may call it. Source: RFC 9110, section 7.2.
std::string authority_of(const Url& url);

}  // namespace websocket
