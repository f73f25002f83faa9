// What browsers need: the files of a page, the header fields that bound what the page may do, and
// the origins whose pages may talk to a server. 05_ws_chat shows the attack that the last one
// stops.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/head.hpp"
#include "common/http/response.hpp"

namespace http {

/// The own files of a page, as lab_embed() makes them part of a program.
struct Page {
    std::string_view html, script, style;
};

/// The response to a GET for `path`: the page at "/", its files at "/page.js" and "/page.css", and
/// the files that all pages share at "/common.js" and "/common.css"; none for any other path.
std::optional<Response> page_response(const Page& page, std::string_view path);

/// The header fields of each file of a page. The page may load from, and connect to, nothing but
/// its own server; no other page may frame it; no cache keeps it. Source: W3C, Content Security
/// Policy Level 3; WHATWG, Fetch (nosniff).
const std::vector<Field>& security_fields();

/// Why `request`, which came to the server `authority` ("localhost:8006"), with TLS if `secure`, is
/// refused for its Origin: 403. None if the server's own pages have that origin, or `allowed` names
/// it, or "*" for all; or if there is no Origin: a program sends none. One origin can be written in
/// many ways: in capitals, with the scheme's own port. Source: RFC 6454, sections 4 and 7.
std::optional<Refusal> check_origin(const Head& request, std::string_view authority,
                                    const std::vector<std::string>& allowed, bool secure = false);

/// The fields that let a page of another origin read the response to `request`, whose Origin
/// check_origin() allows. Source: WHATWG, Fetch, section 3.3.
std::vector<Field> cross_origin_fields(const Head& request);

/// The response to a preflight: before a browser sends a request for a page of another origin that
/// no form could send, it asks with OPTIONS. The response names the `methods` ("GET, HEAD") and the
/// header `fields` ("Last-Event-ID") that may come. None if `request` is no preflight. Its Origin
/// is one that check_origin() allows. Source: WHATWG, Fetch, section 3.3.3.
std::optional<Response> preflight_response(const Head& request, std::string_view methods,
                                           std::string_view fields);

}  // namespace http
