// How a server learns that it has to end: SIGINT and SIGTERM wake its poll(2). 02_threaded_chat
// shows the handler and the pipe in the open.
#pragma once

#include "common/wake_pipe.hpp"

namespace lab {

/// Whether the signal `number` is ignored: a program that was started so leaves it so, as
/// 01_tcp_echo shows. Source: sigaction(2).
bool is_ignored(int number);

/// Catches SIGINT and SIGTERM, unless they are ignored, from its construction on: a signal sets
/// requested() and makes reading_end() readable, both without a call that is unsafe in a handler.
/// Ignores SIGPIPE too, so that send(2) to one who has left fails with EPIPE. Signals belong to the
/// process: one object exists at a time, and the thread that made it owns it. Source:
/// signal-safety(7).
class StopSignal {
 public:
    /// Throws std::system_error if there is no descriptor left.
    StopSignal();
    /// From here on the signals are ignored: the end that was asked for is under way.
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    /// Whether a signal has come; it stays so. Any thread may call it.
    [[nodiscard]] bool requested() const;

    /// The same as a signal: for a thread without which the server cannot go on. It works also
    /// where the signals are ignored. Any thread may call it.
    void request() const;

    /// The descriptor to poll for POLLIN: a signal that comes just before poll is not missed.
    [[nodiscard]] int reading_end() const { return wake_.reading_end(); }

    /// Takes out what the handler wrote, so that the next poll waits again. Only the polling
    /// thread.
    void clear() const { wake_.clear(); }

    /// Ignores further signals: for when shutdown has begun, which a second one must not cut
    /// short.
    void ignore() const;

 private:
    const WakePipe wake_;
};

}  // namespace lab
