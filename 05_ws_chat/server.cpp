// The server: the library's context and its loop, and what it calls back.
#include <fcntl.h>
#include <libwebsockets.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "05_ws_chat/chat.hpp"
#include "05_ws_chat/members.hpp"
#include "05_ws_chat/web.hpp"
#include "common/address.hpp"
#include "common/check.hpp"
#include "common/descriptor_limit.hpp"
#include "common/output.hpp"
#include "common/socket.hpp"
#include "common/wake_pipe.hpp"

namespace ws_chat {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The library's timers come late with libev unless something wakes its loop now and then.
constexpr int kTickMilliseconds = 250;
constexpr int kEndingTickMilliseconds = 20;
constexpr auto kShutdown = 400ms;

/// The library's session: a pointer, for it zeroes the memory and knows no constructors.
struct Session {
    Member* member;
};

/// The server. All of it belongs to the thread that calls run(), but for ended_.
class Server {
 public:
    explicit Server(const ServerOptions& options);
    void run();
    /// What the library calls back. Returns -1 to have it end the connection.
    int handle(lws* connection, lws_callback_reasons reason, void* user, std::string_view bytes);

 private:
    void create_context();
    void adopt_listener();
    void accept_clients();
    std::optional<http::Refusal> fault_of_upgrade(lws* connection) const;
    int answer(lws* connection);
    void after_round();
    void leave_loop();

    const ServerOptions options_;
    Members members_{options_};
    std::array<lws_protocols, 2> protocols_{};
    lws_retry_bo_t liveness_{};
    lws_context* context_ = nullptr;
    lws_vhost* vhost_ = nullptr;
    lws* listener_ = nullptr;  // the library's, of a socket that it closes
    int listening_ = -1;
    bool libev_ = true;
    void (*libev_interrupt_)(int) = SIG_DFL;  // libev's own handler of SIGINT
    bool exhausted_ = false;                  // descriptors have run out
    std::optional<Clock::time_point> end_;    // of the server, once it shuts down
    std::atomic<bool> ended_ = false;         // also read by the thread that ticks
};

std::atomic<bool> stopping = false;
const lab::WakePipe* ticker = nullptr;

void stop(int) {
    stopping = true;
    ticker->wake();
}

// The library is C: an exception must not get there.
int on_event(lws* connection, lws_callback_reasons reason, void* user, void* in,
             std::size_t length) {
    auto* const server = static_cast<Server*>(lws_context_user(lws_get_context(connection)));
    try {
        const auto* const bytes = static_cast<const char*>(in);
        return server->handle(connection, reason, user, {bytes, bytes ? length : 0});
    } catch (const std::exception& error) {
        lab::log(std::string("a connection is given up: ") + error.what());
        return -1;
    }
}

Server::Server(const ServerOptions& options) : options_(options) {
    lab::raise_descriptor_limit(options.max_clients);
    // Bound here, and not by the library, which would take all addresses for one.
    lab::FileDescriptor listener = lab::listen_on(options.host, options.port);
    lab::set_nonblocking(listener.number(), true);
    listening_ = dup(listener.number());
    create_context();
    adopt_listener();
}

void Server::create_context() {
    protocols_[0] = {.name = "chat",
                     .callback = on_event,
                     .per_session_data_size = sizeof(Session),
                     .rx_buffer_size = 2048,
                     .id = 0,
                     .user = nullptr,
                     .tx_packet_size = Room::kLongestWrite};
    liveness_.secs_since_valid_ping = static_cast<std::uint16_t>(options_.ping.count());
    liveness_.secs_since_valid_hangup =
        static_cast<std::uint16_t>((options_.ping.count() * 3 + 1) / 2);

    lws_context_creation_info info{};
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = protocols_.data();
    info.user = this;
    info.timeout_secs = 10;
    info.retry_and_idle_policy = &liveness_;
    info.alpn = "http/1.1";
    info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
    if (!options_.certificate.empty()) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = options_.certificate.c_str();
        info.ssl_private_key_filepath = options_.key.c_str();
        info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    }
    // With libev an idle member costs nothing; where it is not installed, poll will do.
    info.options |= LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    context_ = lws_create_context(&info);
    if (!context_) {
        libev_ = false;
        info.options &= ~std::uint64_t{LWS_SERVER_OPTION_LIBEV};
        context_ = lws_create_context(&info);
    }
    if (!context_) throw std::runtime_error("libwebsockets: no context");
    vhost_ = lws_create_vhost(context_, &info);
    if (!vhost_) throw std::runtime_error("libwebsockets: no server; are --cert and --key right?");
}

void Server::adopt_listener() {
    lws_sock_file_fd_type descriptor{};
    descriptor.filefd = listening_;
    listener_ =
        lws_adopt_descriptor_vhost(vhost_, LWS_ADOPT_RAW_FILE_DESC, descriptor, "chat", nullptr);
    if (!listener_) throw std::runtime_error("libwebsockets: the listener was not adopted");
}

void Server::run() {
    const lab::WakePipe wake;
    ticker = &wake;
    std::signal(SIGPIPE, SIG_IGN);
    libev_interrupt_ = std::signal(SIGINT, stop);
    std::signal(SIGTERM, stop);
    std::cout << "listening on " << lab::local_address(listening_) << '\n';
    lab::flush_output();

    {
        // Only a wake-up may come from another thread: lws_cancel_service(3).
        const std::jthread ticking([&](const std::stop_token& ended) {
            while (!ended.stop_requested()) {
                pollfd ready{wake.reading_end(), POLLIN, 0};
                poll(&ready, 1, stopping ? kEndingTickMilliseconds : kTickMilliseconds);
                wake.clear();
                if (!ended.stop_requested() && !ended_) lws_cancel_service(context_);
            }
        });
        // With libev the first call returns only after leave_loop().
        while (!ended_ && lws_service(context_, 0) >= 0) {
        }
    }
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_IGN);
    lws_context_destroy(context_);
}

void Server::accept_clients() {
    while (!end_) {
        const int socket = accept(listening_, nullptr, nullptr);
        if (socket < 0) {
            exhausted_ = lab::is_exhausted();
            // The listener would stay readable, and the loop spin: it is left out until the tick.
            if (exhausted_) lws_rx_flow_control(listener_, 0);
            if (errno == ECONNABORTED || errno == EINTR) continue;
            return;
        }
        fcntl(socket, F_SETFD, FD_CLOEXEC);
        // The library does so only for those that it has accepted itself.
        lab::send_without_delay(socket);
        // The library closes it if it cannot take it.
        lws_adopt_socket_vhost(vhost_, socket);
    }
}

// Called by the library after each tick, and once for all that was published in a round.
void Server::after_round() {
    members_.deliver();
    if (exhausted_) {
        exhausted_ = false;
        lws_rx_flow_control(listener_, 1);
    }
    if (stopping && !end_) {
        end_ = Clock::now() + kShutdown;
        lws_set_timeout(listener_, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
        members_.go_away();
    }
    if (end_ && !ended_ && (members_.empty() || Clock::now() >= *end_)) {
        ended_ = true;
        if (libev_) leave_loop();
    }
}

// lws_service() returns from libev's loop only when libev gets SIGINT. (Destroying the context here
// ends it too, but not always: with a handshake under way the loop may spin for ever.)
void Server::leave_loop() {
    std::signal(SIGINT, libev_interrupt_);
    std::raise(SIGINT);
}

std::optional<http::Refusal> Server::fault_of_upgrade(lws* connection) const {
    const auto request = request_of(connection);
    if (!request) return http::Refusal{400, "the request line is malformed", {}};
    if (!asks_for_websocket(connection))
        return http::Refusal{400, "there is no upgrade but to websocket", {}};
    if (auto fault = fault_of(*request, options_.rules)) return fault;
    if (members_.full() || end_)
        return http::Refusal{503, "the chat is full", {{"Retry-After", "10"}}};
    return std::nullopt;
}

int Server::answer(lws* connection) {
    const bool head = lws_hdr_total_length(connection, WSI_TOKEN_HEAD_URI) > 0;
    const bool get = lws_hdr_total_length(connection, WSI_TOKEN_GET_URI) > 0;
    const std::string path = path_of(connection);
    const http::Response response =
        head || get ? answer_plain_request(path)
                    : http::refusal_response(
                          {405, "GET and HEAD are allowed here", {{"Allow", "GET, HEAD"}}});
    write_response(connection, response, !head);
    return -1;  // the answer says that the connection ends; what waits to be sent still goes
}

int Server::handle(lws* connection, lws_callback_reasons reason, void* user,
                   std::string_view bytes) {
    auto* const session = static_cast<Session*>(user);
    switch (reason) {
        case LWS_CALLBACK_RAW_RX_FILE:
            accept_clients();
            return 0;
        case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
            after_round();
            return 0;
        case LWS_CALLBACK_HTTP:
            return answer(connection);
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: {
            const auto fault = fault_of_upgrade(connection);
            if (!fault) return 0;
            lab::log(lab::peer_address(lws_get_socket_fd(connection)) +
                     " refused: " + std::to_string(fault->status) + ", " + fault->text);
            write_refusal(connection, *fault);
            return 1;
        }
        case LWS_CALLBACK_ESTABLISHED: {
            const auto request = request_of(connection);
            const auto name = request ? request->name : std::nullopt;
            session->member = &members_.join(connection, name.value_or(kDefaultName));
            return 0;
        }
        case LWS_CALLBACK_RECEIVE:
            members_.receive(*session->member, bytes);
            return 0;
        case LWS_CALLBACK_SERVER_WRITEABLE:
            return members_.continue_delivery(*session->member) ? 0 : -1;
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            // To any other close frame the library sends the answer itself.
            return Members::has_said_farewell(*session->member) ? -1 : 0;
        case LWS_CALLBACK_CLOSED:
            if (session && session->member) members_.leave(*session->member);
            return 0;
        default:
            return lws_callback_http_dummy(connection, reason, user, nullptr, 0);
    }
}

}  // namespace

void run_server(const ServerOptions& options) {
    lws_set_log_level(LLL_ERR, nullptr);
    Server(options).run();
}

}  // namespace ws_chat
