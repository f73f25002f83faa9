#include "06_sse/publication.hpp"

#include <strings.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "common/origin.hpp"
#include "common/visible.hpp"

namespace sse {
namespace {

constexpr std::size_t kLongestType = 64;
constexpr std::string_view kText = "text/plain";
constexpr std::string_view kForm = "application/x-www-form-urlencoded";

bool same(std::string_view one, std::string_view other) {
    return one.size() == other.size() && strncasecmp(one.data(), other.data(), one.size()) == 0;
}

// The part of `list` up to the next semicolon, without the white space around it; takes it off.
std::string_view next_part(std::string_view& list) {
    std::string_view part = list.substr(0, list.find(';'));
    list.remove_prefix(std::min(part.size() + 1, list.size()));
    part.remove_prefix(std::min(part.find_first_not_of(" \t"), part.size()));
    return part.substr(0, part.find_last_not_of(" \t") + 1);
}

// The media type of the body: kText or kForm; none if it is another, or in another charset than
// UTF-8. Source: RFC 9110, section 8.3.1.
std::optional<std::string_view> media_type_of(const http::Head& head) {
    const auto fields = head.values("Content-Type");
    if (fields.size() != 1) return std::nullopt;
    std::string_view rest = fields[0];
    const std::string_view type = next_part(rest);
    while (!rest.empty()) {
        const std::string_view parameter = next_part(rest);
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        if (!same(parameter.substr(0, equals), "charset")) continue;
        const std::string_view charset = parameter.substr(std::min(equals + 1, parameter.size()));
        if (!same(charset, "utf-8") && !same(charset, "\"utf-8\"")) return std::nullopt;
    }
    for (const std::string_view known : {kText, kForm})
        if (same(type, known)) return known;
    return std::nullopt;
}

std::optional<http::Refusal> fault_of_type(std::string_view type) {
    const auto wrong = [](const char* why) { return http::Refusal{400, why, {}}; };
    if (type.empty() || type.size() > kLongestType)
        return wrong("the type of an event has 1 to 64 bytes");
    if (!lab::is_utf8(type)) return wrong("the type of the event is not UTF-8");
    if (type.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return wrong("the type of an event has no line end and no NUL");
    if (type == "gap") return wrong("events of the type gap are the server's own");
    return std::nullopt;
}

}  // namespace

std::variant<Publication, http::Refusal> publication_of(const http::Request& request) {
    const auto media_type = media_type_of(request.head);
    if (!media_type)
        return http::Refusal{415, "the body is to be text/plain, or a form, in UTF-8", {}};
    // The first of a name counts: what stands in the body goes before what stands in the target.
    std::vector<http::Field> fields{{"text", request.body}};
    if (media_type == kForm) {
        auto form = http::parse_form(request.body);
        if (!form) return http::Refusal{400, "a % in the form stands alone", {}};
        fields = std::move(*form);
    }
    const std::string text = http::value_in(fields, "text").value_or("");
    fields.insert(fields.end(), request.target.arguments.begin(), request.target.arguments.end());
    const auto type = http::value_in(fields, "event");
    const auto name = http::value_in(fields, "name");

    if (!lab::is_utf8(text)) return http::Refusal{400, "the text is not UTF-8", {}};
    if (text.empty()) return http::Refusal{400, "the text is empty", {}};
    if (name && !http::is_name(*name)) return http::Refusal{400, http::kNameRule, {}};
    if (type)
        if (auto fault = fault_of_type(*type)) return *fault;
    return Publication{.type = type.value_or(""), .data = name ? *name + ": " + text : text};
}

}  // namespace sse
