#include "06_sse/gap.hpp"

#include <charconv>

namespace sse {
namespace {

// The number behind `name` in an object of JSON.
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view object) {
    const std::string key = std::string("\"").append(name).append("\":");
    const std::size_t at = object.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = object.substr(at + key.size());
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) return std::nullopt;
    return number;
}

}  // namespace

std::optional<Gap> gap_in(std::string_view data) {
    const auto first = number_of("first", data);
    const auto last = number_of("last", data);
    if (!first || !last) return std::nullopt;
    return Gap{*first, *last};
}

std::string words_of(const Gap& gap) {
    const std::string last = std::to_string(gap.last);
    std::string words = "a gap: ";
    if (gap.first == 0) {
        words += "the server has never given the id that we had: it has restarted";
        return gap.last == 0
                   ? words
                   : words.append(", and its events up to ").append(last).append(" are gone");
    }
    if (gap.first == gap.last) return words.append("event ").append(last).append(" is gone");
    words.append("events ").append(std::to_string(gap.first));
    return words.append(" to ").append(last).append(" are gone");
}

}  // namespace sse
