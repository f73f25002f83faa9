#include "common/url.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "common/number.hpp"

namespace lab {
namespace {

const char* default_port(bool secure) {
    return secure ? "443" : "80";
}

// `path` without its segments `.` and `..`: RFC 3986, section 5.2.4.
std::string without_dots(const std::string& path) {
    std::string result;
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string segment = path.substr(begin, end - begin);
        const bool is_dots = segment == "." || segment == "..";
        if (segment == "..") result.erase(std::min(result.rfind('/'), result.size()));
        if (!is_dots) result += "/" + segment;
        if (is_dots && end == path.size()) result += "/";
        begin = end + 1;
    }
    return result;
}

}  // namespace

Url parse_url(const std::string& url, const std::string& scheme) {
    const auto wrong = [&](const std::string& why) { return std::runtime_error(url + ": " + why); };
    const bool secure = url.starts_with(scheme + "s://");
    if (!secure && !url.starts_with(scheme + "://"))
        throw wrong("the address begins with " + scheme + ":// or " + scheme + "s://");
    const auto is_visible = [](char byte) { return byte > ' ' && byte < 0x7F; };
    if (!std::ranges::all_of(url, is_visible))
        throw wrong("spaces and all that is not ASCII have to be percent-encoded");
    if (url.find('#') != std::string::npos)
        throw wrong("there can be no fragment: a server never sees it");

    const std::string rest = url.substr(url.find("//") + 2);
    const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
    std::string authority = rest.substr(0, end);
    Url parts{secure, "", default_port(secure), "/"};
    if (end < rest.size() && rest[end] == '/') parts.target = rest.substr(end);
    if (end < rest.size() && rest[end] == '?') parts.target += rest.substr(end);
    // An IPv6 address has colons of its own, and so stands in brackets.
    const std::size_t colon = authority.rfind(':');
    if (colon != std::string::npos && authority.find(']', colon) == std::string::npos) {
        parts.port = authority.substr(colon + 1);
        authority.erase(colon);
    }
    const bool bracketed = authority.starts_with('[') && authority.ends_with(']');
    parts.host = bracketed ? authority.substr(1, authority.size() - 2) : authority;
    if (parts.host.empty() ||
        parts.host.find_first_of(bracketed ? "@[]" : "@[]:") != std::string::npos)
        throw wrong("there is no host name, or something beside it");
    // getaddrinfo would take 65616 for 80.
    if (number_in<std::uint16_t>(parts.port).value_or(0) == 0)
        throw wrong("the port is not a number from 1 to 65535");
    return parts;
}

Url resolve(const Url& base, const std::string& reference) {
    const std::string scheme = base.secure ? "https:" : "http:";
    const std::string rest = reference.substr(0, reference.find('#'));
    const std::size_t colon = rest.find(':');
    if (colon < rest.find_first_of("/?")) return parse_url(rest, "http");
    if (rest.starts_with("//")) return parse_url(scheme + rest, "http");
    const std::string old_path = base.target.substr(0, base.target.find('?'));
    std::string path = rest.substr(0, rest.find('?'));
    std::string query = rest.substr(path.size());
    if (path.empty()) {
        path = old_path;
        if (rest.empty()) query = base.target.substr(old_path.size());
    } else if (path[0] != '/') {
        path = old_path.substr(0, old_path.rfind('/') + 1) + path;
    }
    return parse_url(scheme + "//" + authority_of(base) + without_dots(path) + query, "http");
}

std::string authority_of(const Url& url) {
    const std::string host =
        url.host.find(':') == std::string::npos ? url.host : "[" + url.host + "]";
    return url.port == default_port(url.secure) ? host : host + ":" + url.port;
}

}  // namespace lab
