// The address of a server as its clients are given it: http://HOST:PORT/PATH, or ws:// for a
// WebSocket. No step teaches it.
#pragma once

#include <string>

namespace lab {

/// The parts of an address: scheme://host:port/path?query.
struct Url {
    bool secure = false;  // https:// or wss://
    std::string host;     // without the brackets of an IPv6 address
    std::string port;
    std::string target;  // path and query
};

/// Takes `url` apart, whose scheme is `scheme`, "http" or "ws", or the same with an s for TLS.
/// Throws std::runtime_error, which says what is wrong with it. Source: RFC 3986, section 3; RFC
/// 6455, section 3.
Url parse_url(const std::string& url, const std::string& scheme);

/// The address that `reference`, the value of a field Location, means in the answer of a server at
/// `base`: it may be whole, or begin with the path, or be relative; a fragment is left out. Throws
/// as parse_url() does. Source: RFC 9110, section 10.2.2; RFC 3986, section 5.2.
Url resolve(const Url& base, const std::string& reference);

/// The host and the port of `url` as a Host field has them: an IPv6 address in brackets, the port
/// left out where it is the scheme's own. Source: RFC 9110, section 7.2.
std::string authority_of(const Url& url);

}  // namespace lab
