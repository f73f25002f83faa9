#include "common/http/page.hpp"

#include <algorithm>
#include <cstdint>

#include "common/http/page_files.hpp"
#include "common/http/target.hpp"
#include "common/visible.hpp"

namespace http {
namespace {

// If the field comes more than once, a comma joins its values: that is no origin.
std::optional<std::string> origin_of(const Head& request) {
    std::optional<std::string> origin;
    for (const std::string_view value : request.values("Origin"))
        origin = (origin ? *origin + "," : "") + std::string(value);
    return origin;
}

// "HTTP://LocalHost:80" as "http://localhost". A text that names no server stays as it is.
std::string normalised(std::string_view origin) {
    const std::size_t end = std::min(origin.find("://"), origin.size());
    const auto authority = parse_authority(origin.substr(std::min(end + 3, origin.size())));
    if (!authority || authority->host.empty()) return std::string(origin);
    std::string text = lower_case(origin.substr(0, end));
    const std::uint16_t own_port = text == "https" ? 443 : 80;
    text += "://" + authority->host;
    const std::uint16_t port = authority->port.value_or(own_port);
    return port == own_port ? text : text + ":" + std::to_string(port);
}

// The server's own pages have the origin `own`.
bool is_allowed(std::string_view origin, std::string_view own,
                const std::vector<std::string>& allowed) {
    const std::string wanted = normalised(origin);
    const auto is_wanted = [&](const std::string& one) {
        return one == "*" || normalised(one) == wanted;
    };
    return wanted == normalised(own) || std::ranges::any_of(allowed, is_wanted);
}

}  // namespace

// --- files ---------------------------------------------------------------------------------------

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

// --- origins -------------------------------------------------------------------------------------

std::optional<Refusal> check_origin(const Head& request, std::string_view authority,
                                    const std::vector<std::string>& allowed, bool secure) {
    const auto origin = origin_of(request);
    if (!origin) return std::nullopt;
    // A request of HTTP/1.0 may name no server: then no page belongs to it.
    std::string own;
    if (!authority.empty()) own.append(secure ? "https://" : "http://").append(authority);
    if (!origin->empty() && is_allowed(*origin, own, allowed)) return std::nullopt;
    return Refusal{
        403, "pages of " + lab::one_line(*origin) + " may not connect", {{"Vary", "Origin"}}};
}

std::vector<Field> cross_origin_fields(const Head& request) {
    const auto origin = origin_of(request);
    if (!origin) return {};
    return {{"Access-Control-Allow-Origin", *origin}, {"Vary", "Origin"}};
}

std::optional<Response> preflight_response(const Head& request, std::string_view methods,
                                           std::string_view fields) {
    if (request.method != "OPTIONS" || request.values("Access-Control-Request-Method").empty())
        return std::nullopt;
    Response response{.status = 204, .fields = cross_origin_fields(request)};
    if (response.fields.empty()) return std::nullopt;
    response.fields.push_back({"Access-Control-Allow-Methods", std::string(methods)});
    response.fields.push_back({"Access-Control-Allow-Headers", std::string(fields)});
    // Seconds for which the browser need not ask again.
    response.fields.push_back({"Access-Control-Max-Age", "600"});
    return response;
}

}  // namespace http
