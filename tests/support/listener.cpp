#include "tests/support/listener.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <system_error>
#include <utility>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/socket.hpp"
#include "tests/support/patience.hpp"

namespace lab::test {

Listener::Listener() : socket_(lab::listen_on("127.0.0.1", "0")) {
}

std::string Listener::port() const {
    const std::string address = lab::local_address(socket_.number());
    return address.substr(address.rfind(':') + 1);
}

Connection Listener::accept(Place place) {
    if (auto connection = try_accept(kDeadline)) return std::move(*connection);
    fail("the client connects to 127.0.0.1:" + port(), all_the_time("it has not"),
         "does it heed --port?", place);
}

std::optional<Connection> Listener::try_accept(std::chrono::milliseconds limit) {
    if (!wait_for_events(socket_.number(), POLLIN, limit)) return std::nullopt;
    lab::FileDescriptor client(lab::check("accept", ::accept(socket_.number(), nullptr, nullptr)));
    lab::capture::accepted(client.number());
    return Connection(std::move(client));
}

void wait_until_listening(const std::string& port, Place place) {
    const auto listens = [&](std::chrono::milliseconds limit) {
        const auto deadline = std::chrono::steady_clock::now() + limit;
        while (!is_reachable("127.0.0.1", port)) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            pause_between_looks();
        }
        return true;
    };
    if (wait_patiently(listens, kDeadline)) return;
    fail("a program listens on port " + port, all_the_time("none does"), "did it start?", place);
}

bool is_reachable(const std::string& host, const std::string& port) {
    try {
        lab::connect_to(host, port);
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

}  // namespace lab::test
