// A broker of our own: Redis or Valkey, and what it counts.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "common/file_descriptor.hpp"
#include "compare/measure/server_process.hpp"

namespace compare {

/// The bytes of all connections of a broker, as it counts them itself.
struct BrokerTraffic {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
};

/// A broker on a free port of 127.0.0.1, with its data in memory alone.
class BrokerProcess {
 public:
    /// Throws std::runtime_error if it does not start, or if this machine has none.
    BrokerProcess();

    /// The value of a server's option --broker for the room `name`.
    [[nodiscard]] std::string room(const std::string& name) const {
        return "redis://127.0.0.1:" + port_ + "/" + name;
    }
    [[nodiscard]] const Process& process() const { return *process_; }
    /// The bytes so far, without those of this question and its answer. Throws std::runtime_error
    /// if the broker gives no answer. Source: Redis's documentation, INFO, section stats.
    BrokerTraffic traffic();

 private:
    std::string ask(const std::string& command);

    std::string port_;
    std::unique_ptr<Process> process_;
    lab::FileDescriptor connection_;  // for questions alone
    BrokerTraffic ours_;              // the bytes of connection_
};

}  // namespace compare
