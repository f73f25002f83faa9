#include "common/name.hpp"

#include <cstddef>

#include "common/visible.hpp"

namespace lab {
namespace {

constexpr std::size_t kLongestName = 32;  // characters

}  // namespace

bool is_name(std::string_view name) {
    std::size_t characters = 0;
    for (; !name.empty(); ++characters) {
        const std::size_t size = utf8_character(name);
        if (size == 0 || without_controls(name.substr(0, size)) != name.substr(0, size) ||
            name[0] == '\n' || name[0] == '\t')
            return false;
        name.remove_prefix(size);
    }
    return characters >= 1 && characters <= kLongestName;
}

}  // namespace lab
