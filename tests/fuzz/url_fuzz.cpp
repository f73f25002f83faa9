// An address is refused, or else its parts, put together again, are taken apart to the same: with
// its port, and as its Host field says it. Its beginning says whether it is one of a WebSocket.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include "common/url.hpp"

namespace {

bool same(const lab::Url& one, const lab::Url& other) {
    return one.secure == other.secure && one.host == other.host && one.port == other.port &&
           one.target == other.target;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string url(reinterpret_cast<const char*>(data), size);
    const std::string scheme = url.starts_with("ws") ? "ws" : "http";
    lab::Url parts;
    try {
        parts = lab::parse_url(url, scheme);
    } catch (const std::runtime_error&) {
        return 0;
    }
    const std::string begin = scheme + (parts.secure ? "s://" : "://");
    const bool bracketed = parts.host.find(':') != std::string::npos;
    const std::string host = bracketed ? "[" + parts.host + "]" : parts.host;
    if (!same(lab::parse_url(begin + host + ":" + parts.port + parts.target, scheme), parts))
        std::abort();
    if (!same(lab::parse_url(begin + lab::authority_of(parts) + parts.target, scheme), parts))
        std::abort();
    // It goes into the request line as it is.
    if (parts.target[0] != '/' || parts.target.find_first_of(" \r\n") != std::string::npos)
        std::abort();
    return 0;
}
