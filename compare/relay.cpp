#include "compare/relay.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "common/address.hpp"
#include "common/check.hpp"
#include "common/log.hpp"
#include "common/socket.hpp"
#include "compare/waiting.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kRoom = 1024 * 1024;
constexpr std::size_t kEverything = std::numeric_limits<std::size_t>::max();
// The time that a client which is told FIN may take to end its half.
constexpr auto kGoodbye = 1s;
// The time for which nobody is accepted when there is no descriptor left.
constexpr std::chrono::milliseconds kExhaustion = 100ms;

std::chrono::steady_clock::time_point now() {
    return std::chrono::steady_clock::now();
}

std::string port_of(const std::string& address) {
    return address.substr(address.rfind(':') + 1);
}

// Closing it now sends RST: socket(7), SO_LINGER.
void reset_at_close(const lab::FileDescriptor& socket) {
    const linger at_once{1, 0};
    setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// `socket` is broken: what has come from it goes on, and then tells of it.
void break_off(OneWay& from, OneWay& to) {
    from.break_off(now());
    to.drop();
}

// Takes what has come from `socket`, if there is room for it.
void take(int socket, OneWay& from, OneWay& to) {
    if (!from.has_room()) return;
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(socket, buffer.data(), buffer.size(), 0);
    if (received < 0) {
        if (!lab::try_again()) break_off(from, to);
    } else if (received == 0) {
        from.end(now());
    } else {
        from.put({buffer.data(), static_cast<std::size_t>(received)}, now());
    }
}

// Sends to `socket` what is due, at most `most` bytes, and the end if that is due. Returns how many
// bytes have left.
std::size_t bring(int socket, OneWay& to, OneWay& from, std::size_t most) {
    std::size_t brought = 0;
    while (brought < most) {
        const std::string_view bytes = to.ready(now()).substr(0, most - brought);
        if (bytes.empty()) break;
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), 0);
        if (sent < 0) {
            if (!lab::try_again()) break_off(from, to);
            return brought;
        }
        to.left(static_cast<std::size_t>(sent));
        brought += static_cast<std::size_t>(sent);
    }
    if (to.take_end(now()) && !to.broken()) shutdown(socket, SHUT_WR);
    return brought;
}

}  // namespace

Relay::Relay(const RelayOptions& options)
    : options_(options),
      listener_(lab::listen_on("127.0.0.1", options.port)),
      port_(port_of(lab::local_address(listener_.number()))) {
    lab::set_nonblocking(listener_.number(), true);
}

void Relay::run(int stop) {
    for (;;) {
        const Time moment = now();
        // A listener that has somebody for whom there is no descriptor is always ready.
        Time next = moment + (exhausted_ ? kExhaustion : 1h);
        sockets_ = {{stop, POLLIN, 0}, {exhausted_ ? -1 : listener_.number(), POLLIN, 0}};
        exhausted_ = false;
        for (Connection& connection : connections_) watch(connection, moment, next);
        poll_until(sockets_, next);
        if (sockets_[0].revents) return;
        std::size_t i = 2;
        for (Connection& connection : connections_) {
            serve(connection, sockets_[i].revents != 0, sockets_[i + 1].revents != 0);
            i += 2;
        }
        connections_.remove_if([](const Connection& connection) { return connection.over; });
        if (sockets_[1].revents) accept_client();
    }
}

// Puts what is to be waited for in sockets_: room for what is due, and bytes if there is room.
void Relay::watch(Connection& connection, Time moment, Time& next) {
    const auto entry = [&](int socket, const OneWay& in, const OneWay& out) {
        const bool writes = !out.ready(moment).empty();
        const int events = (in.has_room() ? POLLIN : 0) | (writes ? POLLOUT : 0);
        if (!writes) next = std::min(next, out.due().value_or(next));
        sockets_.push_back({events ? socket : -1, static_cast<short>(events), 0});
    };
    if (connection.finishing) {
        next = std::min(next, connection.finished_by);
        sockets_.push_back({connection.client.number(), POLLIN, 0});
        sockets_.push_back({-1, 0, 0});
        return;
    }
    entry(connection.client.number(), connection.up, connection.down);
    entry(connection.server.number(), connection.down, connection.up);
}

void Relay::accept_client() {
    lab::FileDescriptor client(accept(listener_.number(), nullptr, nullptr));
    if (client.number() < 0) {
        exhausted_ = lab::is_exhausted();
        return;
    }
    const std::uint32_t number = count_++;
    lab::FileDescriptor server;
    try {
        server = lab::connect_to(options_.host, options_.server_port);
    } catch (const std::runtime_error& error) {
        if (options_.log) lab::log(error.what());
        reset_at_close(client);
        return;
    }
    for (const auto* const socket : {&client, &server}) {
        lab::set_nonblocking(socket->number(), true);
        lab::send_without_delay(socket->number());
    }
    connections_.push_back({.number = number,
                            .client = std::move(client),
                            .server = std::move(server),
                            .up = OneWay(options_.delay, kRoom),
                            .down = OneWay(options_.delay, kRoom),
                            .fate = fate_of(options_.trouble, number)});
    connections_.back().up.hold(now() + 3 * options_.delay);
    connections_.back().down.hold(now() + 4 * options_.delay);
    const std::string words = words_of(connections_.back().fate);
    if (options_.log && !words.empty())
        lab::log("connection " + std::to_string(number) + ": " + words);
}

void Relay::serve(Connection& connection, bool client, bool server) {
    if (connection.finishing) return finish(connection, client);
    if (client) take(connection.client.number(), connection.up, connection.down);
    if (server) take(connection.server.number(), connection.down, connection.up);
    bring(connection.server.number(), connection.up, connection.down, kEverything);
    serve_down(connection);
    if (connection.over || connection.finishing) return;
    const bool reset = (connection.up.broken() && connection.up.ended()) ||
                       (connection.down.broken() && connection.down.ended());
    if (reset) return abort(connection);
    if (connection.up.ended() && connection.down.ended()) connection.over = true;
}

// Brings the client what is due, up to the byte at which something happens.
void Relay::serve_down(Connection& connection) {
    const Fate& fate = connection.fate;
    const std::size_t stall =
        connection.stalled ? kEverything : fate.stall_after.value_or(kEverything);
    const std::size_t next = std::min(stall, fate.cut_after.value_or(kEverything));
    connection.brought += bring(connection.client.number(), connection.down, connection.up,
                                next - connection.brought);
    if (connection.brought < next) return;
    if (fate.cut_after == next) return cut(connection);
    connection.stalled = true;
    connection.up.hold(now() + fate.stall);
    connection.down.hold(now() + fate.stall);
}

void Relay::cut(Connection& connection) {
    if (connection.fate.reset) return abort(connection);
    connection.server = lab::FileDescriptor();
    shutdown(connection.client.number(), SHUT_WR);
    connection.finishing = true;
    connection.finished_by = now() + kGoodbye;
}

// Both ends learn of it by RST.
void Relay::abort(Connection& connection) {
    reset_at_close(connection.client);
    reset_at_close(connection.server);
    connection.over = true;
}

// Closing a socket with unread bytes would send RST, and the client is to see FIN.
void Relay::finish(Connection& connection, bool ready) {
    std::array<char, 4096> unread;
    const bool ended =
        ready && recv(connection.client.number(), unread.data(), unread.size(), MSG_DONTWAIT) <= 0;
    connection.over = ended || now() >= connection.finished_by;
}

}  // namespace compare
