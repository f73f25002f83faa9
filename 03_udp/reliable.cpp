#include "03_udp/reliable.hpp"

#include <stdexcept>

#include "03_udp/programs.hpp"
#include "common/visible.hpp"

namespace udp {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(std::uint64_t number, const std::string& line, const std::string& why) {
    throw std::runtime_error("line " + std::to_string(number) + ": not delivered, " + why + ": " +
                             lab::visible(line, line.size()) + "; what follows was not sent");
}

}  // namespace

void ReliableSender::deliver(std::uint64_t number, const std::string& line) {
    if (line.size() > kMaxDatagram - StopAndWait::kHeader)
        give_up(number, line.substr(0, 64) + "…", "a datagram cannot hold it");
    sender_.start(line, Clock::now());
    server_.send(sender_.datagram());
    for (;;) {
        const auto received = server_.receive(sender_.deadline());
        if (received && sender_.acknowledges(*received, Clock::now())) return;
        // A flood of other datagrams must not keep the deadline from being seen.
        if (Clock::now() < sender_.deadline()) continue;
        if (!sender_.retransmit(Clock::now()))
            give_up(number, line, "sent " + std::to_string(sender_.attempts()) + " times");
        server_.send(sender_.datagram());
    }
}

}  // namespace udp
