// The client: a line in, a datagram out; its echo in, a line out. Or no echo.
#include <unistd.h>

#include <iostream>

#include "03_udp/connected_socket.hpp"
#include "03_udp/programs.hpp"
#include "03_udp/reliable.hpp"
#include "common/output.hpp"
#include "common/typed_lines.hpp"
#include "common/visible.hpp"

namespace udp {
namespace {

// Sends `line` and waits for its echo. Returns whether it came.
bool exchange(ConnectedSocket& server, const std::string& line, std::chrono::milliseconds timeout) {
    // A late or doubled echo of an earlier line, the same text perhaps, must not pass for the echo
    // of this one. Nothing in the datagram tells the two apart, but their port does.
    server.renew();
    server.send(line);
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    do {
        const auto bytes = server.receive(deadline);
        if (bytes && *bytes == line) return true;
    } while (std::chrono::steady_clock::now() < deadline);
    return false;
}

}  // namespace

bool run_client(const ClientOptions& options) {
    ConnectedSocket server(options.host, options.port, options.trace);
    ReliableSender reliable(server, options.timeout, options.retries);
    const bool prompt = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    // Text that comes from the network must not move our cursor or change our colours.
    const bool terminal = isatty(STDOUT_FILENO) != 0;
    bool all_sent = true;
    std::string line;
    // A datagram keeps its bounds: the line needs no end in it, and an empty line is an empty one.
    for (std::uint64_t number = 1;
         std::cout << (prompt ? "> " : "") << std::flush && std::getline(std::cin, line);
         ++number) {
        if (lab::says_exit(line)) return all_sent;
        if (options.reliable) {
            reliable.deliver(number, line);
        } else if (line.size() > kMaxDatagram) {
            lab::log("line " + std::to_string(number) + " has " + std::to_string(line.size()) +
                     " bytes, and a datagram at most " + std::to_string(kMaxDatagram) +
                     ": not sent");
            all_sent = false;
            continue;
        } else if (!exchange(server, line, options.timeout)) {
            lab::log("no answer to line " + std::to_string(number) + " in " +
                     std::to_string(options.timeout.count()) + " ms");
            continue;
        }
        std::cout << (terminal ? lab::one_line(line) : line) << '\n';
        lab::flush_output();
    }
    if (prompt) std::cout << '\n';
    return all_sent;
}

}  // namespace udp
