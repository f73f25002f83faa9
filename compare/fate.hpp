// The accidents of a connection through the relay: decided by a seed, so that it does again. It
// knows no sockets and no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace compare {

/// How often something goes wrong: probabilities for each connection, from 0 to 1. A plain value.
struct Trouble {
    double cut = 0;
    double stall = 0;
    std::uint32_t seed = 1;
};

/// The accident of one connection, counted in bytes that it has brought to the client. A plain
/// value.
struct Fate {
    std::optional<std::size_t> cut_after;
    bool reset = false;  // it is cut with RST, as by a crash; else with FIN, as by a server's end
    std::optional<std::size_t> stall_after;
    std::chrono::milliseconds stall{0};  // so long nothing moves, either way

    bool operator==(const Fate&) const = default;
};

/// The least and the most bytes before something happens, and milliseconds for which a connection
/// stands still.
inline constexpr std::size_t kLeastBytes = 512;
inline constexpr std::size_t kMostBytes = 4096;
inline constexpr std::chrono::milliseconds kShortestStall{200};
inline constexpr std::chrono::milliseconds kLongestStall{1000};

/// The fate of the relay's connection `number`, the first of which is 0. It depends on its
/// arguments and on nothing else: not on the time, and not on the compiler. Any thread may call it.
Fate fate_of(const Trouble& trouble, std::uint32_t number);

/// `fate` in words: "cut after 900 bytes (RST)"; empty if nothing goes wrong. Any thread may call
/// it.
std::string words_of(const Fate& fate);

}  // namespace compare
