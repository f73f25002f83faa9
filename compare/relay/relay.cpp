#include "compare/relay/relay.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/log.hpp"
#include "common/poll_until.hpp"
#include "common/socket.hpp"

namespace relay {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxWaiting = 1024 * 1024;
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
// Time without accepting when there is no descriptor left.
constexpr std::chrono::milliseconds kExhaustion = 100ms;

std::chrono::steady_clock::time_point now() {
    return std::chrono::steady_clock::now();
}

std::string port_of(const std::string& address) {
    return address.substr(address.rfind(':') + 1);
}

// Makes close(2) send an RST: socket(7), SO_LINGER.
void reset_at_close(const lab::FileDescriptor& socket) {
    const linger at_once{1, 0};
    setsockopt(socket.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// `end` is broken: the other end gets what came from it, and then learns of the break.
void break_off(End& end, End& other) {
    other.incoming.break_off(now());
    end.incoming.drop();
}

// Receives from `end` if there is room for it.
void receive(End& end, End& other) {
    if (!other.incoming.has_room()) return;
    std::array<char, 64 * 1024> buffer;
    const ssize_t received = recv(end.socket.number(), buffer.data(), buffer.size(), 0);
    lab::capture::received(end.socket.number(), buffer.data(), received);
    if (received > 0) {
        other.incoming.put({buffer.data(), static_cast<std::size_t>(received)}, now());
    } else if (received == 0) {
        other.incoming.end(now());
    } else if (!lab::try_again()) {
        break_off(end, other);
    }
}

// Sends to `end` the bytes that are due, at most `limit`, and then the stream's end if that is due.
// Returns how many bytes have left.
std::size_t send_due(End& end, End& other, std::size_t limit) {
    std::size_t total = 0;
    while (total < limit) {
        const std::string_view bytes = end.incoming.ready(now()).substr(0, limit - total);
        if (bytes.empty()) break;
        const ssize_t sent = send(end.socket.number(), bytes.data(), bytes.size(), 0);
        lab::capture::sent(end.socket.number(), bytes.data(), sent);
        if (sent < 0) {
            if (!lab::try_again()) break_off(end, other);
            return total;
        }
        end.incoming.left(static_cast<std::size_t>(sent));
        total += static_cast<std::size_t>(sent);
    }
    if (end.incoming.take_end(now()) && !end.incoming.broken()) {
        lab::capture::shut_down(end.socket.number());
        shutdown(end.socket.number(), SHUT_WR);
    }
    return total;
}

}  // namespace

Relay::Relay(const Options& options)
    : options_(options),
      listener_(lab::listen_on("127.0.0.1", options.port)),
      port_(port_of(lab::local_address(listener_.number()))) {
    lab::set_nonblocking(listener_.number(), true);
}

void Relay::run(int stop) {
    for (;;) {
        const Time moment = now();
        // While a client waits for a descriptor, the listener is always readable: leave it out.
        Time next = moment + (exhausted_ ? kExhaustion : 1h);
        sockets_ = {{stop, POLLIN, 0}, {exhausted_ ? -1 : listener_.number(), POLLIN, 0}};
        exhausted_ = false;
        for (const Connection& connection : connections_) watch(connection, moment, next);
        lab::poll_until(sockets_, next);
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

// Adds both sockets to sockets_: POLLOUT if bytes are due, POLLIN if there is room for more.
void Relay::watch(const Connection& connection, Time moment, Time& next) {
    if (connection.finishing) {
        next = std::min(next, connection.finish_by);
        sockets_.push_back({connection.client.socket.number(), POLLIN, 0});
        sockets_.push_back({-1, 0, 0});
        return;
    }
    const auto add = [&](const End& end, const End& other) {
        const bool writes = !end.incoming.ready(moment).empty();
        const int events = (other.incoming.has_room() ? POLLIN : 0) | (writes ? POLLOUT : 0);
        if (!writes) next = std::min(next, end.incoming.due().value_or(next));
        sockets_.push_back({events ? end.socket.number() : -1, static_cast<short>(events), 0});
    };
    add(connection.client, connection.server);
    add(connection.server, connection.client);
}

void Relay::accept_client() {
    lab::FileDescriptor client(accept(listener_.number(), nullptr, nullptr));
    if (client.number() < 0) {
        exhausted_ = lab::is_exhausted();
        return;
    }
    lab::capture::accepted(client.number());
    const std::uint32_t number = count_++;
    lab::FileDescriptor server;
    try {
        server = lab::connect_to(options_.host, options_.server_port);
    } catch (const std::runtime_error& error) {
        if (options_.log) lab::log(error.what());
        reset_at_close(client);
        return;
    }
    for (const int socket : {client.number(), server.number()}) {
        lab::set_nonblocking(socket, true);
        lab::send_without_delay(socket);
    }
    const DelayLine empty(options_.delay, kMaxWaiting);
    connections_.push_back({.client = {std::move(client), empty},
                            .server = {std::move(server), empty},
                            .faults = faults_of(options_.rates, number)});
    Connection& connection = connections_.back();
    connection.server.incoming.hold(now() + 3 * options_.delay);
    connection.client.incoming.hold(now() + 4 * options_.delay);
    const std::string words = describe(connection.faults);
    if (options_.log && !words.empty())
        lab::log("connection " + std::to_string(number) + ": " + words);
}

void Relay::serve(Connection& connection, bool client_ready, bool server_ready) {
    End& client = connection.client;
    End& server = connection.server;
    if (connection.finishing) return finish(connection, client_ready);
    if (client_ready) receive(client, server);
    if (server_ready) receive(server, client);
    send_due(server, client, kNoLimit);
    send_to_client(connection);
    if (connection.over || connection.finishing) return;
    const auto is_reset = [](const End& end) {
        return end.incoming.broken() && end.incoming.ended();
    };
    if (is_reset(client) || is_reset(server)) return abort(connection);
    connection.over = client.incoming.ended() && server.incoming.ended();
}

// Sends the client what is due, up to the byte at which a fault happens.
void Relay::send_to_client(Connection& connection) {
    const Faults& faults = connection.faults;
    const std::size_t stall = connection.stalled ? kNoLimit : faults.stall_after.value_or(kNoLimit);
    const std::size_t next = std::min(stall, faults.cut_after.value_or(kNoLimit));
    connection.sent += send_due(connection.client, connection.server, next - connection.sent);
    if (connection.sent < next) return;
    if (faults.cut_after == next) return cut(connection);
    connection.stalled = true;
    connection.client.incoming.hold(now() + faults.stall);
    connection.server.incoming.hold(now() + faults.stall);
}

void Relay::cut(Connection& connection) {
    if (connection.faults.reset) return abort(connection);
    connection.server.socket = lab::FileDescriptor();
    lab::capture::shut_down(connection.client.socket.number());
    shutdown(connection.client.socket.number(), SHUT_WR);
    connection.finishing = true;
    connection.finish_by = now() + options_.finishing;
}

// Both ends get an RST.
void Relay::abort(Connection& connection) {
    reset_at_close(connection.client.socket);
    reset_at_close(connection.server.socket);
    connection.over = true;
}

// Reads what the client still sends: a close with unread bytes would send RST instead of FIN.
void Relay::finish(Connection& connection, bool ready) {
    std::array<char, 4096> unread;
    const int client = connection.client.socket.number();
    ssize_t received = 1;
    if (ready) {
        received = recv(client, unread.data(), unread.size(), MSG_DONTWAIT);
        lab::capture::received(client, unread.data(), received);
    }
    connection.over = received <= 0 || now() >= connection.finish_by;
}

}  // namespace relay
