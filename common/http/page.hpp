// The files of a page, and the header fields that bound what a page may do.
#pragma once

#include <optional>
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

}  // namespace http
