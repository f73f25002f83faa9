#include "common/broker/address.hpp"

#include <algorithm>
#include <stdexcept>

#include "common/url.hpp"

namespace lab {
namespace {

constexpr std::size_t kMaxRoom = 64;
const std::string kScheme = "redis://";

}  // namespace

BrokerAddress parse_broker_address(const std::string& url) {
    const auto wrong = [](const std::string& why) {
        return std::runtime_error(why + ": the form is " + kBrokerAddressForm);
    };
    if (!url.starts_with(kScheme)) throw wrong("it does not begin with " + kScheme);
    // A password may hold any character that is not an @.
    const std::size_t at = url.find('@');
    BrokerAddress address;
    std::string rest = url.substr(kScheme.size());
    if (at != std::string::npos) {
        if (rest[0] != ':') throw wrong("users have no names here: a colon goes before a password");
        address.password = url.substr(kScheme.size() + 1, at - kScheme.size() - 1);
        rest = url.substr(at + 1);
        if (address.password.empty()) throw wrong("the password is empty");
    }
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::size_t colon = rest.rfind(':', slash);
    if (colon == std::string::npos || rest.find(']', colon) != std::string::npos)
        throw wrong("there is no port");
    const Url parts = parse_url(kScheme + rest, "redis");
    address.host = parts.host;
    address.port = parts.port;
    address.room = parts.target.substr(1);
    if (address.room.empty() || address.room.size() > kMaxRoom ||
        address.room.find_first_of("/?") != std::string::npos)
        throw wrong("the name of a room has 1 to 64 bytes, none of them / or ?");
    return address;
}

std::string to_string(const BrokerAddress& address) {
    const bool ipv6 = address.host.find(':') != std::string::npos;
    return (ipv6 ? "[" + address.host + "]" : address.host) + ":" + address.port + "/" +
           address.room;
}

std::optional<BrokerAddress> broker_address_of(const Options& options, const std::string& value) {
    if (value.empty()) return std::nullopt;
    try {
        return parse_broker_address(value);
    } catch (const std::runtime_error& error) {
        options.reject(std::string("--broker: ") + error.what());
    }
}

}  // namespace lab
