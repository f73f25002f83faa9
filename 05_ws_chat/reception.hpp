// The reception: accepts connections, reads the request of each, and answers all those that do not
// enter the chat. A thread of its own, so that the library gets to see none of them.
#pragma once

#include <poll.h>

#include <chrono>
#include <memory>
#include <vector>

#include "05_ws_chat/handover.hpp"
#include "05_ws_chat/programs.hpp"
#include "common/file_descriptor.hpp"
#include "common/http/served_client.hpp"
#include "common/socket.hpp"
#include "common/stop_signal.hpp"

namespace ws_chat {

/// How long a connection may take for its request, or, with TLS, for all that it does outside the
/// chat; and how long while it is crowded.
constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::seconds kPatienceInCrowd{5};

/// All of it belongs to the thread that calls run().
class Reception {
 public:
    using Clock = std::chrono::steady_clock;

    /// Accepts from `listener`, which does not block. All but `listener` must outlive it.
    Reception(lab::FileDescriptor listener, const ServerOptions& options, Shared& shared,
              const lab::StopSignal& stop);

    /// Serves until the handover is closed. After the stop signal it accepts nobody any more.
    /// Throws std::system_error if the kernel does not let it wait.
    void run();

 private:
    /// A connection whose request has not come whole, or which is taking its answer.
    struct Newcomer {
        Newcomer(lab::Accepted accepted, Place in_lobby);

        http::ServedClient client;
        Place place;                             // in the lobby
        Clock::time_point since = Clock::now();  // it has been waited for
        bool answered = false;
        bool gone = false;
    };

    void wait();
    void begin_shutdown();
    void accept_newcomers();
    void add(lab::Accepted accepted);
    void serve(Newcomer& newcomer, short events);
    void handle(Newcomer& newcomer, http::Request request);
    void look_at_the_clock(Newcomer& newcomer);

    lab::FileDescriptor listener_;
    const ServerOptions& options_;
    Shared& shared_;
    const lab::StopSignal& stop_;
    std::vector<std::unique_ptr<Newcomer>> newcomers_;
    std::vector<pollfd> ready_;  // the signal, the listener, then the newcomers in their order
    std::vector<char> buffer_ = std::vector<char>(16 * 1024);  // what recv has just returned
    Clock::time_point next_tick_ = Clock::now();
    bool reported_ = false;  // that descriptors have run out
};

}  // namespace ws_chat
