// The server: what the library calls back.
#include <libwebsockets.h>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "05_ws_chat/admission.hpp"
#include "05_ws_chat/library.hpp"
#include "05_ws_chat/members.hpp"
#include "05_ws_chat/programs.hpp"
#include "05_ws_chat/reception.hpp"
#include "common/address.hpp"
#include "common/output.hpp"
#include "common/socket.hpp"
#include "common/stop_signal.hpp"
#include "common/thread.hpp"

namespace ws_chat {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto kShutdown = 400ms;

/// A connection that the library has, and that is not in the chat.
struct Visitor {
    std::optional<Newcomer> newcomer;  // once its request was admitted
    Place place;                       // in the lobby; once it was admitted, in the chat
    Clock::time_point since = Clock::now();
    bool ended = false;  // its time is over
};

http::Response response_to_tunnel() {
    http::Request request;
    request.head.method = "CONNECT";
    return *response_to(request, {});
}

/// The server. All of it belongs to the thread that calls run(); another serves the reception.
class Server {
 public:
    explicit Server(const ServerOptions& options);
    void run();
    /// What the library calls back. Returns -1 to have it end the connection.
    int handle(lws* connection, lws_callback_reasons reason, void* user, std::string_view bytes);

 private:
    void adopt(Arrival arrival);
    int answer(lws* connection);
    int confirm_upgrade(lws* connection);
    Member& join(lws* connection);
    void after_round();
    void end_late_visitors();

    const ServerOptions options_;
    lab::FileDescriptor listener_;
    Shared shared_{options_.max_clients};
    Members members_{options_};
    std::map<lws*, Visitor> visitors_;
    std::optional<Visitor> adopted_;         // just now: the library has not said yet where it is
    const lab::StopSignal* stop_ = nullptr;  // while run() goes on
    std::optional<Clock::time_point> end_;   // of the server, once it shuts down
    bool ended_ = false;
    Library library_;  // last: while it ends, it calls back for each connection
};

// The library is C: an exception must not get there.
int on_event(lws* connection, lws_callback_reasons reason, void* user, void* in,
             std::size_t length) {
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS) log_secrets_of(user);
    auto* const server = static_cast<Server*>(lws_context_user(lws_get_context(connection)));
    try {
        const auto* const bytes = static_cast<const char*>(in);
        return server->handle(connection, reason, user, {bytes, bytes ? length : 0});
    } catch (const std::exception& error) {
        lab::log(std::string("a connection is given up: ") + error.what());
        return -1;
    }
}

// The socket is bound here, and not by the library, which would take all addresses for one.
Server::Server(const ServerOptions& options)
    : options_(options),
      listener_(lab::listen_on(options.host, options.port)),
      library_(options_, on_event, this) {
    lab::set_nonblocking(listener_.number(), true);
}

void Server::run() {
    // Its log would tell of every connection that it is handed.
    lws_set_log_level(0, nullptr);
    const lab::StopSignal stop;
    stop_ = &stop;
    std::cout << "listening on " << lab::local_address(listener_.number()) << '\n';
    lab::flush_output();
    if (SharedRoom* const room = members_.shared_room()) room->watch(library_.vhost());
    shared_.handover.open(library_.context());
    std::exception_ptr failure;
    {
        Reception reception(std::move(listener_), options_, shared_, stop);
        const lab::Thread receiving([&] {
            try {
                reception.run();
            } catch (...) {
                failure = std::current_exception();
                stop.request();
            }
        });
        library_.serve();
        shared_.handover.close();
    }
    stop_ = nullptr;
    if (failure) std::rethrow_exception(failure);
}

// The library closes the socket if it cannot take it.
void Server::adopt(Arrival arrival) {
    if (end_) return;
    adopted_ = Visitor{std::move(arrival.newcomer), std::move(arrival.place)};
    const int socket = arrival.socket.release();
    if (arrival.bytes.empty()) {
        lws_adopt_socket_vhost(library_.vhost(), socket);
    } else {
        lws_adopt_socket_vhost_readbuf(library_.vhost(), socket, arrival.bytes.data(),
                                       arrival.bytes.size());
    }
    adopted_.reset();
}

// Called by the library after each tick, after each arrival, and once for all that was published in
// a round.
void Server::after_round() {
    if (!stop_) return;
    for (Arrival& arrival : shared_.handover.take()) adopt(std::move(arrival));
    members_.deliver();
    members_.beat();
    members_.ping_silent();
    end_late_visitors();
    if (stop_->requested() && !end_) {
        end_ = Clock::now() + kShutdown;
        members_.go_away();
    }
    if (end_ && !ended_ && (members_.empty() || Clock::now() >= *end_)) {
        ended_ = true;
        shared_.handover.close();
        library_.end();
    }
}

// The library has time limits of its own, but not for everything that a client may do.
void Server::end_late_visitors() {
    const auto latest = Clock::now() - (shared_.is_crowded() ? kPatienceInCrowd : kPatience);
    for (auto& [connection, visitor] : visitors_) {
        if (visitor.ended || visitor.since > latest) continue;
        visitor.ended = true;
        end_connection(connection);
    }
}

// Answers a request that the library has read. Returns -1: the answer says that the connection
// ends. The rest of it that waits to be sent still goes.
int Server::answer(lws* connection) {
    const auto asked = request_of(connection);
    if (const auto* const refusal = std::get_if<http::Refusal>(&asked)) {
        write_response(connection, http::refusal_response(*refusal));
        return -1;
    }
    const auto& request = std::get<http::Request>(asked);
    write_response(connection, response_to(request, options_.rules).value_or(response_when_full()),
                   request.head.method != "HEAD");
    return -1;
}

// Returns 0 to have the library open the WebSocket, and 1 if the answer is given.
int Server::confirm_upgrade(lws* connection) {
    Visitor& visitor = visitors_[connection];
    // The reception has admitted it.
    if (visitor.newcomer) return 0;
    const auto asked = request_of(connection);
    const auto* const request = std::get_if<http::Request>(&asked);
    const bool may_enter = request && !response_to(*request, options_.rules);
    Place place = may_enter && !end_ ? shared_.chat.take() : Place();
    if (!place) {
        answer(connection);
        return 1;
    }
    visitor.newcomer = newcomer_of(*request);
    visitor.place = std::move(place);
    return 0;
}

Member& Server::join(lws* connection) {
    Visitor visitor = std::move(visitors_[connection]);
    visitors_.erase(connection);
    return members_.join(connection, *visitor.newcomer, std::move(visitor.place));
}

int Server::handle(lws* connection, lws_callback_reasons reason, void* user,
                   std::string_view bytes) {
    auto* const session = static_cast<Session*>(user);
    switch (reason) {
        case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
            after_round();
            return 0;
        case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
            if (adopted_) visitors_[connection] = std::move(*adopted_);
            return 0;
        case LWS_CALLBACK_WSI_DESTROY:
            visitors_.erase(connection);
            return 0;
        case LWS_CALLBACK_RAW_RX_FILE:
        case LWS_CALLBACK_RAW_WRITEABLE_FILE:
            if (!members_.shared_room()->ready(connection)) return -1;
            members_.deliver();
            return 0;
        case LWS_CALLBACK_RAW_CLOSE_FILE:
            members_.shared_room()->closed(connection);
            return 0;
        case LWS_CALLBACK_RAW_RX:
            // The library makes a tunnel of a connection that asks for one.
            write_response(connection, response_to_tunnel());
            return -1;
        case LWS_CALLBACK_HTTP:
            return answer(connection);
        case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
            return confirm_upgrade(connection);
        case LWS_CALLBACK_ESTABLISHED:
            session->member = &join(connection);
            return 0;
        case LWS_CALLBACK_RECEIVE:
            members_.receive(*session->member, bytes);
            return 0;
        case LWS_CALLBACK_RECEIVE_PONG:
            members_.hear(*session->member);
            return 0;
        case LWS_CALLBACK_SERVER_WRITEABLE:
            return members_.continue_delivery(*session->member) ? 0 : -1;
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            return members_.receive_close(*session->member, bytes) ? 0 : -1;
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
    std::signal(SIGPIPE, SIG_IGN);
    Server(options).run();
}

}  // namespace ws_chat
