// The library, as the server uses it: its context and its loop; the requests that it has read; and
// what it shows to nobody, its calls and the secrets of TLS.
#pragma once

#include <libwebsockets.h>

#include <array>
#include <csignal>
#include <cstdint>
#include <string>
#include <variant>

#include "05_ws_chat/programs.hpp"
#include "common/http/connection.hpp"
#include "common/http/response.hpp"

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
    lws_retry_bo_t no_pings_{};  // of the library's own: Members sends them
    lws_context* context_ = nullptr;
    lws_vhost* vhost_ = nullptr;
    bool libev_ = true;
    void (*libev_interrupt_)(int) = SIG_DFL;  // libev's own handler of SIGINT
    bool ended_ = false;
};

/// Ends the connection at once, both ways: the library sees that, and destroys it. (It can be told
/// to destroy one, but by a timer, and so among all those of others.) Source: shutdown(2).
void end_connection(lws* connection);

// --- HTTP inside the library: with TLS it alone can read a request. Its thread calls these, in
// callbacks.

/// What the request on `connection` says: its method, its target, and those of its fields that the
/// chat looks at. Or why it is refused: the library could not make sense of it, or its Host names
/// no server.
std::variant<http::Request, http::Refusal> request_of(lws* connection);

/// Writes a whole response, after which the connection ends; with `with_body` false its head alone.
/// Logs it if it is a refusal. Returns false if the connection is broken.
bool write_response(lws* connection, const http::Response& response, bool with_body = true);

// --- what the library shows to nobody

/// Whether this thread has a context of the library: then library_calls.cpp records its calls. What
/// other threads send and receive is told to the capture where it happens, as in each step.
inline thread_local bool in_library = false;

/// Creates `file`, readable for its owner alone, or adds to it from now on: a line for each secret,
/// as browsers do with SSLKEYLOGFILE. A reader of the file can decrypt the whole chat. Throws
/// std::system_error if it cannot be opened, std::runtime_error if the library has not been built
/// with OpenSSL. Called once, before any other thread starts.
void open_key_log(const std::string& file);

/// Has the secrets of each connection of `context`, an SSL_CTX, logged, if there is a key log.
/// Source: LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS, SSL_CTX_set_keylog_callback(3).
void log_secrets_of(void* context);

}  // namespace ws_chat
