// A server under test: started by the case, or one that runs already.
#pragma once

#include <string>
#include <vector>

#include "tests/support/program.hpp"
#include "tests/support/report.hpp"

namespace lab::test {

/// `STEP server --port 0` and `options`, which has printed its line `listening on HOST:PORT`.
class Server : public Program {
 public:
    /// Starts the program of `step`; or, if LAB_SERVER holds the address of a server that runs
    /// already, takes that one. A case that starts it with options of its own is left out then.
    explicit Server(const std::string& step, const std::vector<std::string>& options = {},
                    Place place = Place::here());
    /// The same, started by any other command: then the case is left out if LAB_SERVER is set.
    explicit Server(std::vector<std::string> command, Place place = Place::here());

    /// What its line `listening on HOST:PORT` said, the host without brackets.
    [[nodiscard]] const std::string& host() const { return host_; }
    [[nodiscard]] const std::string& port() const { return port_; }

    /// The memory that it held when it had printed that line, in KiB: what an idle server costs.
    [[nodiscard]] long idle_kib() const { return idle_kib_; }

    /// Sends SIGTERM: the server has to end within kEnd, with exit status 0.
    void expect_clean_end(Place place = Place::here());

 private:
    std::string host_, port_;
    long idle_kib_ = 0;
};

/// Ends the server, which must never have had more memory than a few slow clients may cost: 48 MiB
/// more than when it was idle, since some languages begin with as much. Under a sanitizer, which
/// keeps books of its own, 512 MiB.
void expect_little_memory(Server& server, const std::string& hint, Place place = Place::here());

}  // namespace lab::test
