#include "common/origin.hpp"

#include <algorithm>

#include "common/visible.hpp"

namespace http {
namespace {

// Fields that come more than once count as one whose values a comma joins: it is no origin.
std::optional<std::string> origin_of(const Head& request) {
    std::optional<std::string> origin;
    for (const std::string_view value : request.values("Origin"))
        origin = (origin ? *origin + "," : "") + std::string(value);
    return origin;
}

}  // namespace

bool is_allowed_origin(std::string_view origin, std::string_view own,
                       const std::vector<std::string>& allowed) {
    return origin == own || std::ranges::count(allowed, origin) > 0 ||
           std::ranges::count(allowed, "*") > 0;
}

std::optional<Refusal> fault_of_origin(const Head& request,
                                       const std::vector<std::string>& allowed) {
    const auto origin = origin_of(request);
    const auto hosts = request.values("Host");
    const std::string own = "http://" + std::string(hosts.empty() ? "" : hosts[0]);
    if (!origin || is_allowed_origin(*origin, own, allowed)) return std::nullopt;
    return Refusal{403, "pages of " + lab::without_controls(*origin) + " may not connect", {}};
}

std::vector<Field> cross_origin_fields(const Head& request) {
    const auto origin = origin_of(request);
    if (!origin) return {};
    return {{"Access-Control-Allow-Origin", *origin}, {"Vary", "Origin"}};
}

}  // namespace http
