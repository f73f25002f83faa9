// A target is refused, or else its parts, percent-encoded and put together again, are taken apart
// to the same; and nothing that is percent-encoded could end a line or a part. The input is a
// target, and also a form.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/target.hpp"

namespace {

std::string encoded(std::string_view text) {
    std::string bytes = http::percent_encode(text);
    const auto stands_for_itself = [](char byte) {
        return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
               (byte >= '0' && byte <= '9') ||
               std::string_view("-._~%").find(byte) != std::string_view::npos;
    };
    if (!std::ranges::all_of(bytes, stands_for_itself)) std::abort();
    return bytes;
}

std::string encoded(const std::vector<http::Field>& fields) {
    std::string form;
    for (const http::Field& field : fields)
        form.append(encoded(field.name)).append("=").append(encoded(field.value)).append("&");
    return form;
}

bool same(const std::vector<http::Field>& one, const std::vector<http::Field>& other) {
    return std::ranges::equal(one, other, [](const http::Field& a, const http::Field& b) {
        return a.name == b.name && a.value == b.value;
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto form = http::parse_form(bytes)) {
        const auto again = http::parse_form(encoded(*form));
        if (!again || !same(*again, *form)) std::abort();
    }
    const auto target = http::parse_target(bytes);
    if (!target) return 0;
    const auto authority = http::parse_authority(target->authority);
    if (!authority || http::parse_authority(authority->host)->host != authority->host) std::abort();
    if (target->path == "*") return 0;
    if (!target->path.starts_with('/') || target->path.size() > size) std::abort();
    const auto again = http::parse_target("/" + encoded(target->path.substr(1)) + "?" +
                                          encoded(target->arguments));
    if (!again || again->path != target->path || !same(again->arguments, target->arguments))
        std::abort();
    for (const http::Field& argument : target->arguments)
        if (!target->argument(argument.name)) std::abort();
    return 0;
}
