#include "tests/support/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/socket.hpp"
#include "common/visible.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/transcript.hpp"

namespace lab::test {

bool wait_for_events(int socket, short events, std::chrono::milliseconds limit) {
    pollfd ready{socket, events, 0};
    const auto wait = [&](std::chrono::milliseconds span) {
        return poll(&ready, 1, static_cast<int>(span.count())) > 0;
    };
    return limit == kDeadline ? wait_patiently(wait, limit) : wait(limit);
}

Connection::Connection(lab::FileDescriptor socket)
    : name_(next_actor("connection")), socket_(std::move(socket)) {
    note(name_, "opens");
    lab::set_nonblocking(socket_.number(), true);
    lab::send_without_delay(socket_.number());
}

lab::FileDescriptor connect_or_fail(const std::string& host, const std::string& port, Place place) {
    try {
        return lab::connect_to(host, port);
    } catch (const std::system_error& error) {
        fail("a connection to " + host + ":" + port, error.what(),
             "the server has to listen where its line `listening on` says, and must not have ended",
             place);
    }
}

Connection::Connection(const Server& server, int receive_buffer, Place place)
    : Connection(connect_or_fail(server.host(), server.port(), place)) {
    if (receive_buffer)
        setsockopt(socket_.number(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
}

void Connection::send(std::string_view bytes, Place place) {
    note(name_, "sends", bytes);
    while (!bytes.empty()) {
        if (!wait_for_events(socket_.number(), POLLOUT, kDeadline)) {
            fail("the program reads what we send", all_the_time("it has not"),
                 "does it wait for something else while we send?", place);
        }
        const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), 0);
        lab::capture::sent(socket_.number(), bytes.data(), sent);
        if (sent < 0 && lab::try_again()) continue;
        if (sent < 0) {
            fail("the connection takes " + visible(bytes), std::strerror(errno),
                 "did the program close it, or end?", place);
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

bool Connection::send_and_keep(std::string_view bytes, Place place) {
    note(name_, "sends", bytes);
    for (;;) {
        bytes.remove_prefix(try_send(bytes));
        if (bytes.empty()) return true;
        if (!wait_for_events(socket_.number(), POLLIN | POLLOUT, kDeadline)) {
            fail("the program reads what we send", all_the_time("it has not"),
                 "does it wait for something else while we send?", place);
        }
        const Arrival arrival = arrive(std::chrono::milliseconds(0));
        if (arrival == Arrival::end || arrival == Arrival::error) return false;
    }
}

std::string Connection::send_and_receive(std::string_view bytes, Place place) {
    if (!send_and_keep(bytes, place)) {
        fail("the connection takes " + visible(bytes), "it has ended",
             "did the program close it, or end?", place);
    }
    return take(arrived_.size());
}

std::size_t Connection::try_send(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), 0);
    lab::capture::sent(socket_.number(), bytes.data(), sent);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

bool Connection::can_send(std::chrono::milliseconds limit) const {
    pollfd ready{socket_.number(), POLLOUT, 0};
    return poll(&ready, 1, static_cast<int>(limit.count())) > 0 &&
           !(ready.revents & (POLLERR | POLLHUP));
}

std::size_t Connection::send_until_full(std::string_view bytes, std::chrono::milliseconds pause) {
    std::size_t total = 0;
    while (total < bytes.size() && wait_for_events(socket_.number(), POLLOUT, pause)) {
        const std::size_t sent = try_send(bytes.substr(total));
        if (sent == 0) break;
        total += sent;
    }
    return total;
}

// Waits until more has arrived, and keeps it.
Connection::Arrival Connection::arrive(std::chrono::milliseconds limit) {
    std::array<char, 65536> buffer;
    for (;;) {
        if (!wait_for_events(socket_.number(), POLLIN, limit)) return Arrival::nothing;
        const ssize_t count = recv(socket_.number(), buffer.data(), buffer.size(), 0);
        lab::capture::received(socket_.number(), buffer.data(), count);
        if (count < 0 && lab::try_again()) continue;
        if (count < 0) {
            note(name_, "fails", std::strerror(errno));
            return Arrival::error;
        }
        const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
        note(name_, count > 0 ? "receives" : "is ended by the program", bytes);
        arrived_.append(bytes);
        return count > 0 ? Arrival::bytes : Arrival::end;
    }
}

std::string Connection::take(std::size_t count) {
    std::string bytes = arrived_.substr(0, count);
    arrived_.erase(0, count);
    return bytes;
}

std::string Connection::try_receive() {
    if (arrived_.empty()) arrive(std::chrono::milliseconds(0));
    return take(arrived_.size());
}

std::string Connection::receive(std::size_t count, const std::string& hint, Place place) {
    while (arrived_.size() < count) {
        const Arrival arrival = arrive(kDeadline);
        if (arrival == Arrival::end) break;
        if (arrival == Arrival::bytes) continue;
        fail(std::to_string(count) + " bytes",
             visible(arrived_) + ", and then " +
                 (arrival == Arrival::error ? std::string(std::strerror(errno))
                                            : all_the_time("nothing")),
             hint, place);
    }
    return take(count);
}

std::string Connection::receive_rest(std::size_t count, const std::string& what,
                                     const std::string& begin, const std::string& hint,
                                     Place place) {
    while (arrived_.size() < count) {
        const Arrival arrival = arrive(kDeadline);
        if (arrival == Arrival::bytes) continue;
        fail(what,
             visible(begin + arrived_) + ", and then " +
                 (arrival == Arrival::error ? std::string(std::strerror(errno))
                  : arrival == Arrival::end ? std::string("the end of the connection")
                                            : all_the_time("nothing")),
             hint, place);
    }
    return take(count);
}

void Connection::expect(std::string_view bytes, const std::string& hint, Place place) {
    while (arrived_.size() < bytes.size()) {
        const Arrival arrival = arrive(kDeadline);
        if (arrival == Arrival::bytes) continue;
        if (arrival == Arrival::end) break;
        note("case", "expected bytes", bytes);
        note("case", "got bytes", arrived_);
        fail(visible(bytes),
             visible(arrived_) + ", and then " +
                 (arrival == Arrival::error ? std::string(std::strerror(errno))
                                            : all_the_time("nothing")),
             hint, place);
    }
    expect_bytes(bytes, take(bytes.size()), hint, place);
}

std::string Connection::receive_line(const std::string& hint, Place place) {
    std::size_t end = 0;
    while ((end = arrived_.find('\n')) == std::string::npos) {
        const Arrival arrival = arrive(kDeadline);
        if (arrival == Arrival::bytes) continue;
        fail("a line",
             visible(arrived_) + ", and then " +
                 (arrival == Arrival::nothing ? all_the_time("nothing")
                                              : std::string("the end of the connection")),
             hint, place);
    }
    return take(end + 1);
}

void Connection::expect_end(const std::string& hint, Place place) {
    const Arrival arrival = arrived_.empty() ? arrive(kDeadline) : Arrival::bytes;
    if (arrival == Arrival::end) return;
    fail("the end of the stream",
         arrival == Arrival::bytes     ? visible(arrived_)
         : arrival == Arrival::nothing ? all_the_time("nothing")
                                       : std::string(std::strerror(errno)),
         hint, place);
}

void Connection::expect_no_reset(const std::string& hint, Place place) {
    // Without events to wait for, poll(2) reports errors alone.
    pollfd broken{socket_.number(), 0, 0};
    poll(&broken, 1, 200);
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket_.number(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) fail("no reset", std::strerror(error), hint, place);
}

std::string Connection::receive_to_fin(const std::string& hint, Place place) {
    Arrival arrival{};
    while ((arrival = arrive(kDeadline)) == Arrival::bytes) {
    }
    if (arrival != Arrival::end) {
        fail("the end of the stream",
             visible(arrived_) + ", and then " +
                 (arrival == Arrival::error ? std::string(std::strerror(errno))
                                            : all_the_time("nothing")),
             hint, place);
    }
    return take(arrived_.size());
}

std::string Connection::receive_to_end(const std::string& hint, Place place) {
    Arrival arrival{};
    while ((arrival = arrive(kDeadline)) == Arrival::bytes) {
    }
    if (arrival == Arrival::nothing) {
        fail("the end of the connection",
             visible(arrived_) + ", and then " + all_the_time("nothing"), hint, place);
    }
    return take(arrived_.size());
}

void Connection::keep_to_end(const std::string& hint, Place place) {
    arrived_ = receive_to_end(hint, place);
}

bool Connection::is_silent() {
    return !wait_for_bytes(std::chrono::milliseconds(0));
}

bool Connection::wait_for_bytes(std::chrono::milliseconds limit) {
    return !arrived_.empty() || arrive(limit) == Arrival::bytes;
}

void Connection::finish() {
    note(name_, "half-closes");
    lab::capture::shut_down(socket_.number());
    shutdown(socket_.number(), SHUT_WR);
}

void Connection::reset() {
    note(name_, "resets");
    const linger at_once{1, 0};
    setsockopt(socket_.number(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_ = lab::FileDescriptor();
}

std::string text_of(std::size_t size) {
    std::string bytes;
    while (bytes.size() < size)
        bytes += "The quick brown fox " + std::to_string(bytes.size()) + " ";
    bytes.resize(size);
    return bytes;
}

std::string line_of(std::size_t size, char letter) {
    return std::string(size - 1, letter) + "\n";
}

}  // namespace lab::test
