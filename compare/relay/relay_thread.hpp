// A relay inside another program: compare's own, or a test's.
#pragma once

#include <string>

#include "common/thread.hpp"
#include "common/wake_pipe.hpp"
#include "compare/relay/relay.hpp"

namespace relay {

/// A relay that runs in a thread of its own until its owner destroys it. The thread that made it
/// owns it.
class RelayThread {
 public:
    explicit RelayThread(const Options& options)
        : relay_(options), thread_([this] { relay_.run(wake_.reading_end()); }) {}
    ~RelayThread() { wake_.wake(); }
    RelayThread(const RelayThread&) = delete;
    RelayThread& operator=(const RelayThread&) = delete;

    [[nodiscard]] const std::string& port() const { return relay_.port(); }

 private:
    lab::WakePipe wake_;
    Relay relay_;
    lab::Thread thread_;  // the only user of relay_ while it runs, except for port()
};

}  // namespace relay
