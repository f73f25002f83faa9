// Fault injection: a seed decides which connections are cut or stalled, so that a run can be
// repeated. It knows no sockets and no clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace relay {

/// How often something goes wrong: probabilities for each connection, from 0 to 1.
struct FaultRates {
    double cut = 0;
    double stall = 0;
    std::uint32_t seed = 1;
};

/// The faults of one connection. Positions are counted in bytes that the relay has sent to the
/// client.
struct Faults {
    std::optional<std::size_t> cut_after;
    bool reset = false;  // the cut is an RST, as after a crash; else a FIN, as from a server's end
    std::optional<std::size_t> stall_after;
    std::chrono::milliseconds stall{0};  // for this time no byte moves in either direction

    bool operator==(const Faults&) const = default;
};

/// Bounds of a fault's position, in bytes, and of a stall. The upper bounds are not reached.
inline constexpr std::size_t kMinPosition = 512;
inline constexpr std::size_t kMaxPosition = 4096;
inline constexpr std::chrono::milliseconds kMinStall{200};
inline constexpr std::chrono::milliseconds kMaxStall{1000};

/// The faults of the relay's connection `number`, counted from 0. They depend on the arguments
/// alone: not on the time, and not on the compiler.
Faults faults_of(const FaultRates& rates, std::uint32_t number);

/// `faults` in words: "cut after 900 bytes (RST)"; empty if nothing goes wrong.
std::string describe(const Faults& faults);

}  // namespace relay
