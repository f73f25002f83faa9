// A bad network: it loses, doubles, reorders and delays datagrams, and does so repeatably. It knows
// no sockets and no clock: datagrams and the time go in, datagrams come out.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace udp {

/// The faults of the network. Probabilities are from 0 (never) to 1 (always).
struct Faults {
    double loss = 0;
    double duplicate = 0;
    double reorder = 0;
    std::chrono::milliseconds delay{0};
    std::chrono::milliseconds jitter{0};  // a random part from 0 to this, on top of the delay
    std::uint32_t seed = 1;

    /// Whether anything is wrong at all.
    [[nodiscard]] bool any() const;
};

/// What happens to one datagram. If it is lost or finds no room, the rest has no meaning.
struct Fate {
    bool lost = false;
    bool no_room = false;
    bool held_back = false;  // until the next one has overtaken it
    bool twice = false;
    std::array<std::chrono::microseconds, 2> delays{};  // of the first and the second copy
};

/// `fate` in words, for the trace: "lost", "sent twice after 10.3 and 12.1 ms".
std::string describe(const Fate& fate);

/// The network.
///
/// The fate of the n-th datagram depends on the seed, on n and on nothing else: not on
/// the time, and not on the compiler. Only whether there is room for it depends on the time.
class LossyChannel {
 public:
    using Time = std::chrono::steady_clock::time_point;
    struct Datagram {
        std::string destination;
        std::string bytes;
    };

    /// A datagram that is held back leaves at the latest so much later than without.
    static constexpr std::chrono::milliseconds kMaxHold{200};
    /// About what the queue's own books on one datagram take, in bytes.
    static constexpr std::size_t kOverhead = 256;

    /// At most `limit` bytes wait, each datagram counted with kOverhead; what finds no room is
    /// dropped, as a router does.
    LossyChannel(const Faults& faults, std::size_t limit);

    /// Decides what happens to a datagram, and keeps what is to leave of it. `destination` means
    /// nothing here: it comes out with the bytes.
    Fate put(std::string_view destination, std::string_view bytes, Time now);
    /// The next datagram that is due at `now`, if there is one: call until there is none.
    std::optional<Datagram> take(Time now);
    /// When take() has the next one, if any waits.
    [[nodiscard]] std::optional<Time> next_due() const;

 private:
    using Queue = std::multimap<Time, Datagram>;  // equal times keep their order
    Fate decide();
    void release(Time overtaken);

    const Faults faults_;
    const std::size_t limit_;
    std::mt19937 random_;
    bool next_overtakes_ = false;  // the last one that was not lost is held back
    Queue queue_;
    std::size_t waiting_ = 0;            // bytes in the queue, and its overhead
    std::vector<Queue::iterator> held_;  // the copies of the one that is held back
};

}  // namespace udp
