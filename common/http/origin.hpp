// Which pages may talk to a server. 05_ws_chat shows what for.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/head.hpp"
#include "common/http/response.hpp"

namespace http {

/// Whether a page of `origin` ("http://localhost:8000", or "null") may talk to the server whose own
/// pages are of `own`: it is one of these, or `allowed` names it, or "*" which stands for all. One
/// origin can be written in many ways: in capitals, with the scheme's own port. Any thread may call
/// it. Source: RFC 6454, sections 4 and 7.
bool is_allowed_origin(std::string_view origin, std::string_view own,
                       const std::vector<std::string>& allowed);

/// Why `request`, which came without TLS to the server `authority` ("localhost:8006"), is refused
/// for its Origin: 403; none if it is allowed, or has none, as a program's. Any thread may call it.
std::optional<Refusal> fault_of_origin(const Head& request, std::string_view authority,
                                       const std::vector<std::string>& allowed);

/// The fields that let a page of another origin read the response, if the Origin of `request` is
/// one that fault_of_origin() allows. Any thread may call it. Source: WHATWG, Fetch, section 3.3.
std::vector<Field> cross_origin_fields(const Head& request);

/// The response to a preflight: a browser asks with OPTIONS before it sends, for a page of another
/// origin, what a form could not have sent. It is told which `methods` and which header `fields`
/// may come ("GET, HEAD", "Last-Event-ID"). None if `request` is no preflight. The Origin is one
/// that fault_of_origin() allows. Any thread may call it. Source: WHATWG, Fetch, section 3.3.3.
std::optional<Response> preflight_response(const Head& request, const std::string& methods,
                                           const std::string& fields);

}  // namespace http
