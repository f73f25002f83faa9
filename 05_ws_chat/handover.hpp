// What one thread hands to the other: the reception, which accepts connections, to the library's,
// which serves them.
#pragma once

#include <libwebsockets.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "05_ws_chat/admission.hpp"
#include "05_ws_chat/places.hpp"
#include "common/file_descriptor.hpp"

namespace ws_chat {

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

}  // namespace ws_chat
