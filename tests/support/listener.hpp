// A server of the tests' own, for the client under test.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "common/file_descriptor.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// A listening socket of the tests' own.
class Listener {
 public:
    /// Listens on a free port of 127.0.0.1.
    Listener();
    /// That port.
    [[nodiscard]] std::string port() const;
    /// Waits for the next client.
    Connection accept(Place place = Place::here());
    /// The next client, if there is one within `limit`.
    std::optional<Connection> try_accept(std::chrono::milliseconds limit);

 private:
    lab::FileDescriptor socket_;
};

/// Waits until a program accepts connections at `port` of this machine: for one that does not say
/// so.
void wait_until_listening(const std::string& port, Place place = Place::here());

/// Whether somebody accepts connections at `host`.
bool is_reachable(const std::string& host, const std::string& port);

}  // namespace lab::test
