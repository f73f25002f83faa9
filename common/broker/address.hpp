// Where a room is that several servers share: the address of a broker, Redis or Valkey, and the
// key of the room in it. No step teaches it.
#pragma once

#include <optional>
#include <string>

#include "common/options.hpp"

namespace lab {

/// The parts of redis://[:password@]host:port/room.
struct BrokerAddress {
    std::string host;  // without the brackets of an IPv6 address
    std::string port;
    std::string password;  // empty: none
    std::string room;      // the key of the stream; other keys of the room begin with it
};

/// How the address is written, for --help.
inline constexpr const char* kBrokerAddressForm = "redis://[:PASSWORD@]HOST:PORT/NAME";
/// What the option --broker of a server means.
inline constexpr const char* kBrokerMeaning =
    "share the room NAME with other servers, over Redis or Valkey, 7 or later";

/// Takes `url` apart. The password stands as it is: nothing in it is percent-decoded. Throws
/// std::runtime_error, which says what is wrong with it, without its password.
BrokerAddress parse_broker_address(const std::string& url);

/// The address for logs, without its password: "127.0.0.1:6379/room".
std::string to_string(const BrokerAddress& address);

/// The value of the option --broker; none if it is empty. Throws UsageError if it is wrong.
std::optional<BrokerAddress> broker_address_of(const Options& options, const std::string& value);

}  // namespace lab
