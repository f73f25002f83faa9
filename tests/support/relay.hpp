// A bad path to a server, for the tests of clients that have to live with one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "compare/relay/relay.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// What a relay to `server` needs to know that cuts every connection, by a seed: after half a KiB
/// to 4 KiB that it has brought to the client, with RST or FIN, and half of them stand still once.
inline relay::Options accidents(const Server& server, std::uint32_t seed) {
    relay::Options options{.host = "127.0.0.1", .server_port = server.port()};
    options.rates = {.cut = 1, .stall = 0.5, .seed = seed};
    return options;
}

/// A line that no other number has, about 60 bytes long.
inline std::string numbered(int number) {
    return "message " + std::to_string(number) + " over a path that is cut again and again";
}

/// The numbers of the numbered() lines in `output`, in their order.
inline std::vector<int> numbers_in(const std::string& output) {
    const std::string begin = "message ";
    std::vector<int> numbers;
    for (std::size_t at = 0; (at = output.find(begin, at)) != std::string::npos;) {
        at += begin.size();
        const int number = std::stoi(output.substr(at));
        // The last line may not be whole yet.
        if (output.compare(at - begin.size(), numbered(number).size(), numbered(number)) == 0)
            numbers.push_back(number);
    }
    return numbers;
}

}  // namespace lab::test
