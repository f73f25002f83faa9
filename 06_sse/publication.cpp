#include "06_sse/publication.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "common/http/body.hpp"
#include "common/name.hpp"
#include "common/utf8.hpp"

namespace sse {
namespace {

constexpr std::size_t kMaxType = 64;

std::optional<http::Refusal> check_type(std::string_view type) {
    const auto wrong = [](const char* why) { return http::Refusal{400, why, {}}; };
    if (type.empty() || type.size() > kMaxType)
        return wrong("the type of an event has 1 to 64 bytes");
    if (!lab::is_utf8(type)) return wrong("the type of the event is not UTF-8");
    if (type.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos)
        return wrong("the type of an event has no line end and no NUL");
    if (type == "gap") return wrong("events of the type gap are the server's own");
    return std::nullopt;
}

}  // namespace

std::variant<Publication, http::Refusal> parse_publication(const http::Request& request) {
    const auto type_of_body = http::parse_media_type(request.head);
    const bool is_form = type_of_body && type_of_body->name == "application/x-www-form-urlencoded";
    if (!type_of_body || !type_of_body->is_utf8() ||
        (!is_form && type_of_body->name != "text/plain"))
        return http::Refusal{415, "the body is to be text/plain, or a form, in UTF-8", {}};
    // The first of a name counts: what stands in the body goes before what stands in the target.
    std::vector<http::Field> fields{{"text", request.body}};
    if (is_form) {
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
    if (name && !lab::is_name(*name)) return http::Refusal{400, lab::kNameRule, {}};
    if (type)
        if (auto fault = check_type(*type)) return *fault;
    return Publication{.type = type.value_or(""), .data = name ? *name + ": " + text : text};
}

lab::EntryFields to_entry(const Publication& publication) {
    lab::EntryFields entry{{"data", publication.data}};
    if (!publication.type.empty()) entry.emplace_back("type", publication.type);
    return entry;
}

std::optional<Publication> parse_entry(const lab::EntryFields& entry) {
    Publication publication;
    for (const auto& [name, value] : entry) {
        if (name == "data") publication.data = value;
        if (name == "type" && check_type(value)) return std::nullopt;
        if (name == "type") publication.type = value;
    }
    if (publication.data.empty() || !lab::is_utf8(publication.data)) return std::nullopt;
    return publication;
}

}  // namespace sse
