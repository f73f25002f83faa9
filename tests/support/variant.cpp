#include "tests/support/variant.hpp"

#include <cstdlib>

#include "tests/support/report.hpp"

namespace lab::test {
namespace {

std::size_t number_in(const char* variable, std::size_t usual) {
    const char* const text = std::getenv(variable);
    return text ? std::strtoul(text, nullptr, 10) : usual;
}

}  // namespace

std::string guid() {
    const char* const text = std::getenv("LAB_GUID");
    return text ? text : "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
}

bool has_another_guid() {
    return std::getenv("LAB_GUID") != nullptr;
}

void leave_out_with_another_guid() {
    if (has_another_guid())
        leave_out("the variant has another GUID than the WebSockets of other people");
}

std::size_t greatest_line() {
    return number_in("LAB_MAX_LINE", 65536);
}

std::size_t sequence_bytes() {
    return number_in("LAB_SEQUENCE_BYTES", 4);
}

std::string with_variant(const std::string& hint, const char* variable) {
    const char* const value = std::getenv(variable);
    return value ? hint + ": in your variant " + value : hint;
}

}  // namespace lab::test
