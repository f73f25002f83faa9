// The library's context, its settings, and its loop.
#pragma once

#include <libwebsockets.h>

#include <array>
#include <csignal>
#include <cstdint>

#include "05_ws_chat/programs.hpp"

namespace ws_chat {

struct Member;

/// What the library keeps for each connection: it zeroes the memory and knows no constructors.
struct Session {
    Member* member;
};

/// One context of libwebsockets with one server that listens nowhere: it is handed its connections.
/// All of it belongs to the thread that calls serve().
class Library {
 public:
    /// `callback` is called for each event, with `owner` as lws_context_user(). Both must outlive
    /// this object. Throws std::runtime_error if the certificate cannot be used.
    Library(const ServerOptions& options, lws_callback_function* callback, void* owner);
    /// Ends all connections: `callback` hears of each.
    ~Library();
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;

    [[nodiscard]] lws_context* context() const { return context_; }
    [[nodiscard]] lws_vhost* vhost() const { return vhost_; }

    /// Serves until end() is called.
    void serve();
    /// To be called in a callback: serve() returns, and the callback is called no more but for the
    /// end of each connection. The signal SIGINT must be ours until serve() has returned.
    void end();

 private:
    void create_context(lws_context_creation_info& info);

    std::array<lws_protocols, 2> protocols_{};
    lws_retry_bo_t liveness_{};
    lws_context* context_ = nullptr;
    lws_vhost* vhost_ = nullptr;
    bool libev_ = true;
    void (*libev_interrupt_)(int) = SIG_DFL;  // libev's own handler of SIGINT
    bool ended_ = false;
};

}  // namespace ws_chat
