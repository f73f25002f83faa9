// What the server's two threads share: the reception accepts connections, and hands those that may
// enter the chat to the library's thread, which serves them. There are only so many places.
#pragma once

#include <libwebsockets.h>

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "05_ws_chat/admission.hpp"
#include "common/file_descriptor.hpp"

namespace ws_chat {

/// A bounded number of places. Any thread may call its members.
class Places {
    struct GiveBack {
        void operator()(Places* owner) const { --owner->taken_; }
    };

 public:
    /// A place that is taken, or none. It is given back when its owner ends, which the Places
    /// outlive.
    using Place = std::unique_ptr<Places, GiveBack>;

    explicit Places(std::size_t most) : most_(most) {}

    /// Takes a place; returns none if all are taken.
    [[nodiscard]] Place take() {
        for (std::size_t taken = taken_; taken < most_;)
            if (taken_.compare_exchange_weak(taken, taken + 1)) return Place(this);
        return {};
    }
    /// Whether all are taken just now.
    [[nodiscard]] bool full() const { return taken_ >= most_; }

 private:
    const std::size_t most_;
    std::atomic<std::size_t> taken_ = 0;
};

using Place = Places::Place;

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

/// The things that the two threads share: the list of members, and the way from one to the other.
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

}  // namespace ws_chat
