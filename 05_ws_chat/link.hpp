// The client's side of libwebsockets: one connection at a time, made of the library's callbacks.
#pragma once

#include <libwebsockets.h>

#include <array>
#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "05_ws_chat/programs.hpp"
#include "common/url.hpp"

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

/// Why a server has refused us.
struct LinkRefusal {
    unsigned int status = 0;                   // of HTTP
    std::string reason;                        // from the field X-Reason; empty: none
    std::chrono::milliseconds retry_after{0};  // 0: not said
};

/// What happens to a Link: it calls these in the thread that calls serve(). An exception that one
/// of them throws ends serve() with it.
class LinkUser {
 public:
    virtual ~LinkUser() = default;
    /// The handshake is over.
    virtual void opened() = 0;
    /// The server has refused us.
    virtual void refused(const LinkRefusal& refusal) = 0;
    /// There is no connection, or no more: `why`.
    virtual void lost(const std::string& why) = 0;
    /// A message has come whole.
    virtual void received(const std::string& message) = 0;
    /// One message can be sent, as ask_to_send() has asked for.
    virtual void can_send() = 0;
    /// Another thread has called wake().
    virtual void woken() = 0;
};

/// A WebSocket to a server. All of it belongs to the thread that calls serve(), but for wake().
class Link {
 public:
    /// Throws std::runtime_error if the URL is wrong, or the library cannot begin.
    Link(const ClientOptions& options, LinkUser& user);
    /// The user is told nothing more.
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// Begins to connect. How that ends, the user is told.
    void connect();
    /// Waits for the next event, and has it handled. Throws what the user throws.
    void serve();
    /// Has serve() call woken(). Any thread may call it.
    void wake() { lws_cancel_service(context()); }
    [[nodiscard]] lws_context* context() { return context_.get(); }
    /// The server's "host:port".
    [[nodiscard]] const std::string& server() const { return server_; }

    [[nodiscard]] bool is_open() const { return connection_ != nullptr; }
    /// Has can_send() called when it is time to; does nothing without a connection.
    void ask_to_send();
    /// Sends a text message. Only within can_send(), and but one.
    void send(const std::string& text);
    /// Sends a close frame; lost() tells when all is over. Only within can_send().
    void close() { closing_ = true; }

 private:
    static int on_event(lws* connection, lws_callback_reasons reason, void* session, void* in,
                        std::size_t length);
    int handle(lws* connection, lws_callback_reasons reason, std::string_view bytes);
    void fail_to_connect(lws* connection, std::string_view why);
    void tell_lost(const std::string& why);
    void receive(std::string_view piece);
    void end_handshake();
    void give_up(const std::string& why);
    void forget_connection();

    const ClientOptions options_;
    const lab::Url url_;
    const std::string server_ = lab::authority_of(url_);
    const std::string target_;  // path and query
    LinkUser& user_;
    std::array<lws_protocols, 2> protocols_{};
    lws_retry_bo_t liveness_{};
    std::unique_ptr<lws_context, void (*)(lws_context*)> context_{nullptr, lws_context_destroy};
    bool trying_ = false;        // a handshake is under way
    lws* connecting_ = nullptr;  // the library's, for the handshake
    lws* connection_ = nullptr;  // the library's, while it is open
    Timer<Link> handshake_{{}, this, &Link::end_handshake};
    std::string message_;       // what has arrived of the one that is coming
    bool too_long_ = false;     // and it is longer than any may be
    bool closing_ = false;      // our close frame is to be sent, or was
    bool ending_ = false;       // the user may be gone
    bool broken_ = false;       // a message could not be sent
    std::string server_close_;  // why the server has closed, if it has said so
    std::exception_ptr error_;  // what the user has thrown
};

}  // namespace ws_chat
