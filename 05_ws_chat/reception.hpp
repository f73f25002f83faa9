// The reception: accepts connections, reads the request of each, answers all those that do not
// enter the chat, and hands the others to the library's thread, which serves them. The reception
// runs in a second thread: the library never sees the connections that the reception answers.
#pragma once

#include <libwebsockets.h>
#include <poll.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "05_ws_chat/admission.hpp"
#include "05_ws_chat/limits.hpp"
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

/// A connection that the library is to serve from now on.
struct Arrival {
    lab::FileDescriptor socket;
    /// The client whose request the reception has admitted. Without it, the library reads the
    /// request itself: with TLS nobody else can.
    std::optional<Newcomer> newcomer;
    std::string bytes;  // the library reads these before those that the socket still has
    Place place;        // in the chat if there is a newcomer, or else in the lobby
};

/// The way from the reception to the library's thread.
class Handover {
 public:
    /// Hands `arrival` over, and wakes the library's loop. After close() it drops the connection.
    void put(Arrival arrival);
    /// Wakes the library's loop; it calls back with LWS_CALLBACK_EVENT_WAIT_CANCELLED. After
    /// close() it does nothing. Source: lws_cancel_service(), the only call of the library that is
    /// allowed from another thread.
    void wake();

    /// Only the library's thread: opens the way to `context`, takes what has been put, and closes
    /// the way before the context is destroyed.
    void open(lws_context* context);
    [[nodiscard]] std::vector<Arrival> take();
    void close();

    /// Whether close() was called. Any thread may call it.
    [[nodiscard]] bool closed() const { return closed_; }

 private:
    std::mutex mutex_;  // guards context_ and arrivals_
    lws_context* context_ = nullptr;
    std::vector<Arrival> arrivals_;
    // Without the mutex, as the library's thread asks in each round of its loop.
    std::atomic<bool> waiting_ = false;
    std::atomic<bool> closed_ = false;
};

/// The things that the two threads share: the places, and the way from one thread to the other.
struct Shared {
    /// The lobby has room for all who may yet become members, and for as many others.
    static constexpr std::size_t kMaxOthers = 100;

    explicit Shared(std::size_t max_clients) : chat(max_clients), lobby(max_clients + kMaxOthers) {}

    /// Whether connections that are not in the chat have to make room for others.
    [[nodiscard]] bool is_crowded() const { return exhausted || lobby.full(); }

    Places chat;
    Places lobby;  // of connections that are not in the chat
    Handover handover;
    std::atomic<bool> exhausted = false;  // descriptors have run out
};

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
