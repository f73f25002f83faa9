#include "04_handshake/page.hpp"

#include <string_view>
#include <vector>

#include "04_handshake/page_files.hpp"

namespace websocket {
namespace {

// The page may load from, and connect to, nothing but this server, and no other page may frame it.
const std::vector<http::Field> kSecurity{
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Cache-Control", "no-store"}};

}  // namespace

std::string answer_plain_request(const http::Head& request, const FrameLog& frames) {
    const auto answer = [&](const std::string& type, std::string_view body) {
        return http::response(200, type, body, kSecurity, request.method != "HEAD");
    };
    if (request.target == "/" || request.target.starts_with("/?"))
        return answer("text/html; charset=utf-8", page_html);
    if (request.target == "/page.js") return answer("text/javascript; charset=utf-8", page_js);
    if (request.target == "/page.css") return answer("text/css; charset=utf-8", page_css);
    if (const auto page = FrameLog::page_of(request.target, "/frames"); !page.empty())
        return answer("application/json", frames.json(page));
    return "";
}

}  // namespace websocket
