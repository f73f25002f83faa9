// An address is refused, or else its parts, put together again, are taken apart to the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "common/url.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string url(reinterpret_cast<const char*>(data), size);
    lab::Url parts;
    try {
        parts = lab::parse_url(url, "ws");
    } catch (const std::runtime_error&) {
        return 0;
    }
    const bool bracketed = parts.host.find(':') != std::string::npos;
    const std::string host = bracketed ? "[" + parts.host + "]" : parts.host;
    const lab::Url again = lab::parse_url("ws://" + host + ":" + parts.port + parts.target, "ws");
    if (again.host != parts.host || again.port != parts.port || again.target != parts.target)
        std::abort();
    // It goes into the request line as it is.
    if (parts.target[0] != '/' || parts.target.find_first_of(" \r\n") != std::string::npos)
        std::abort();
    return 0;
}
