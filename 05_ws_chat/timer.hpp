// The library's timers, for the members of a class.
#pragma once

#include <libwebsockets.h>

#include <chrono>

namespace ws_chat {

/// Calls `action` of `owner` once, in the thread that serves the library. It must stay where it is
/// while it is scheduled: the library keeps its place, and hands back that alone. All of it belongs
/// to that one thread. Source: libwebsockets' lws-timeout-timer.h.
template <class Owner>
struct Timer {
    lws_sorted_usec_list_t timer{};
    Owner* owner = nullptr;
    void (Owner::*action)() = nullptr;

    /// Once `wait` is over; a time that was set before counts no more.
    void schedule(lws_context* context, std::chrono::milliseconds wait) {
        const auto callback = [](lws_sorted_usec_list_t* place) {
            const Timer* const due = lws_container_of(place, Timer, timer);
            (due->owner->*due->action)();
        };
        lws_sul_schedule(context, 0, &timer, callback, std::chrono::microseconds(wait).count());
    }
    /// A time that was set before counts no more.
    void cancel() { lws_sul_cancel(&timer); }
};

}  // namespace ws_chat
