#include "common/http/retry.hpp"

#include <cstdint>

#include "common/number.hpp"

namespace http {

bool can_pass(int status) {
    return did_nothing(status) || status == 500 || status == 502 || status == 504;
}

bool did_nothing(int status) {
    return status == 408 || status == 429 || status == 503;
}

std::chrono::milliseconds retry_after(std::string_view value) {
    // A number with more digits is beyond every bound of the lab.
    return std::chrono::seconds(lab::number_in<std::uint32_t>(value).value_or(0));
}

std::chrono::milliseconds retry_after(const Head& response) {
    const auto values = response.values("Retry-After");
    return values.empty() ? std::chrono::milliseconds(0) : retry_after(values.front());
}

}  // namespace http
