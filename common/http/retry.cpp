#include "common/http/retry.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "common/number.hpp"

namespace http {

bool can_pass(int status) {
    constexpr std::array kPassing{408, 429, 500, 502, 503, 504};
    return std::ranges::count(kPassing, status) > 0;
}

bool did_nothing(int status) {
    return status == 408 || status == 429 || status == 503;
}

std::chrono::milliseconds retry_after(std::string_view value) {
    // With more digits it is beyond every bound, and would not fit either.
    const std::uint32_t seconds = lab::number_in<std::uint32_t>(value).value_or(0);
    return std::chrono::seconds(seconds);
}

std::chrono::milliseconds retry_after(const Head& response) {
    const auto values = response.values("Retry-After");
    return values.empty() ? std::chrono::milliseconds(0) : retry_after(values.front());
}

}  // namespace http
