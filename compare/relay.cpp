#include "compare/relay.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <limits>
#include <system_error>

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
// So long a client that is told FIN may take to end its half.
constexpr auto kGoodbye = 1s;

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
        Time next = moment + 1h;
        sockets_ = {{stop, POLLIN, 0}, {listener_.number(), POLLIN, 0}};
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
    if (client.number() < 0) return;
    const std::uint32_t number = count_++;
    lab::FileDescriptor server;
    try {
        server = lab::connect_to(options_.host, options_.server_port);
    } catch (const std::system_error& error) {
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
    const std::string words = words_of(connections_.back().fate);
    if (options_.log && !words.empty())
        lab::log("connection " + std::to_string(number) + ": " + words);
}

void Relay::serve(Connection& connection, bool client, bool server) {
    if (connection.finishing) return finish(connection, client);
    std::size_t uncounted = 0;
    const bool whole = (!client || take(connection.client.number(), connection.up)) &&
                       (!server || take(connection.server.number(), connection.down)) &&
                       bring(connection.server.number(), connection.up, kEverything, uncounted) &&
                       bring_down(connection);
    if (!whole) return abort(connection);
    if (connection.up.ended() && connection.down.ended()) connection.over = true;
}

// Takes what has come, if there is room for it. Returns false if the connection is broken.
bool Relay::take(int socket, OneWay& way) {
    if (!way.has_room()) return true;
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(socket, buffer.data(), buffer.size(), 0);
    if (received < 0) return lab::try_again();
    if (received == 0) {
        way.end(now());
    } else {
        way.put({buffer.data(), static_cast<std::size_t>(received)}, now());
    }
    return true;
}

// Sends what is due, at most `most` bytes, and the end if that is due. Returns false if the
// connection is broken.
bool Relay::bring(int socket, OneWay& way, std::size_t most, std::size_t& brought) {
    for (;;) {
        const std::string_view bytes = way.ready(now()).substr(0, most);
        if (bytes.empty()) break;
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return lab::try_again();
        way.left(static_cast<std::size_t>(sent));
        brought += static_cast<std::size_t>(sent);
        most -= static_cast<std::size_t>(sent);
    }
    if (way.take_end(now())) shutdown(socket, SHUT_WR);
    return true;
}

// The same, up to the byte at which something happens.
bool Relay::bring_down(Connection& connection) {
    const Fate& fate = connection.fate;
    const std::size_t stall =
        connection.stalled ? kEverything : fate.stall_after.value_or(kEverything);
    const std::size_t next = std::min(stall, fate.cut_after.value_or(kEverything));
    if (!bring(connection.client.number(), connection.down, next - connection.brought,
               connection.brought))
        return false;
    if (connection.brought < next) return true;
    if (fate.cut_after == next) {
        cut(connection);
        return true;
    }
    connection.stalled = true;
    connection.up.hold(now() + fate.stall);
    connection.down.hold(now() + fate.stall);
    return true;
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
