#include "common/http/page.hpp"

#include <string>

#include "common/http/page_files.hpp"

namespace http {

std::optional<Response> page_response(const Page& page, std::string_view path) {
    const auto file = [](const char* type, std::string_view body) {
        return Response{200, security_fields(), type, std::string(body)};
    };
    if (path == "/") return file("text/html; charset=utf-8", page.html);
    if (path == "/page.js") return file("text/javascript; charset=utf-8", page.script);
    if (path == "/page.css") return file("text/css; charset=utf-8", page.style);
    if (path == "/common.js") return file("text/javascript; charset=utf-8", page_js);
    if (path == "/common.css") return file("text/css; charset=utf-8", page_css);
    return std::nullopt;
}

const std::vector<Field>& security_fields() {
    static const std::vector<Field> fields{
        {"Content-Security-Policy",
         "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
         "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Referrer-Policy", "no-referrer"},
        {"Cache-Control", "no-store"}};
    return fields;
}

}  // namespace http
