#include "05_ws_chat/reception.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include "04_handshake/handshake.hpp"
#include "common/check.hpp"
#include "common/log.hpp"
#include "common/milliseconds.hpp"
#include "common/socket.hpp"

namespace ws_chat {
namespace {

using namespace std::chrono_literals;

// The library's timers come late with libev unless something wakes its loop now and then.
constexpr auto kTick = 250ms;
constexpr auto kEndingTick = 20ms;
// How long a client may take to read its answer and to end its side after that.
constexpr auto kGoodbye = 2s;

// The request that the library reads instead of the client's: with nothing in it that the library
// could take for something else.
std::string request_for_library(const http::Request& request) {
    const auto keys = request.head.values("Sec-WebSocket-Key");
    return websocket::handshake_request("chat", "/ws", keys.at(0));
}

}  // namespace

// --- the way to the library ----------------------------------------------------------------------

void Handover::put(Arrival arrival) {
    const std::lock_guard lock(mutex_);
    if (!context_) return;
    arrivals_.push_back(std::move(arrival));
    waiting_ = true;
    lws_cancel_service(context_);
}

void Handover::wake() {
    const std::lock_guard lock(mutex_);
    if (context_) lws_cancel_service(context_);
}

void Handover::open(lws_context* context) {
    const std::lock_guard lock(mutex_);
    context_ = context;
}

std::vector<Arrival> Handover::take() {
    if (!waiting_) return {};
    const std::lock_guard lock(mutex_);
    waiting_ = false;
    return std::exchange(arrivals_, {});
}

void Handover::close() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
    arrivals_.clear();
    closed_ = true;
}

// --- the reception -------------------------------------------------------------------------------

// No trace: the request may hold the token. The reception looks at each newcomer in each round:
// none has to announce anything.
Reception::Newcomer::Newcomer(lab::Accepted accepted, Place in_lobby)
    : client(std::move(accepted.socket), std::move(accepted.peer), lab::Trace(false), [] {}),
      place(std::move(in_lobby)) {
}

Reception::Reception(lab::FileDescriptor listener, const ServerOptions& options, Shared& shared,
                     const lab::StopSignal& stop)
    : listener_(std::move(listener)), options_(options), shared_(shared), stop_(stop) {
}

void Reception::run() {
    while (!shared_.handover.closed()) {
        wait();
        if (stop_.requested() && listener_.number() >= 0) begin_shutdown();
        if (Clock::now() >= next_tick_) {
            next_tick_ = Clock::now() + (stop_.requested() ? kEndingTick : kTick);
            shared_.handover.wake();
            shared_.exhausted = false;
        }
        // A client that is accepted now is not in ready_ yet.
        for (std::size_t i = 0, count = newcomers_.size(); i < count; ++i)
            serve(*newcomers_[i], ready_[i + 2].revents);
        if (ready_[1].revents) accept_newcomers();
        std::erase_if(newcomers_, [](const auto& newcomer) { return newcomer->gone; });
    }
}

// Waits until a newcomer has something for us, or can take something, but no longer than a tick:
// so deadlines are kept to a tick.
void Reception::wait() {
    // poll skips a negative number. Out of descriptors the listener would stay readable, and poll
    // would return at once, for ever.
    const bool rests = shared_.is_crowded();
    ready_.assign({{stop_.reading_end(), POLLIN, 0}, {rests ? -1 : listener_.number(), POLLIN, 0}});
    for (const auto& newcomer : newcomers_)
        ready_.push_back({newcomer->client.socket(), newcomer->client.events(), 0});
    const int count = poll(ready_.data(), static_cast<nfds_t>(ready_.size()),
                           lab::milliseconds_until(next_tick_));
    if (count < 0 && errno != EINTR) lab::check("poll", count);
    if (count < 0)
        for (pollfd& entry : ready_) entry.revents = 0;
    stop_.clear();
}

void Reception::begin_shutdown() {
    listener_ = lab::FileDescriptor();
    next_tick_ = Clock::now();
    for (const auto& newcomer : newcomers_) newcomer->client.connection().finish();
}

void Reception::accept_newcomers() {
    while (!shared_.lobby.full()) {
        auto accepted = lab::accept_client(listener_);
        if (!accepted) {
            shared_.exhausted = lab::is_exhausted();
            if (shared_.exhausted && !std::exchange(reported_, true)) {
                lab::log(std::string("accept: ") + std::strerror(errno) +
                         ": the next client waits");
            }
            return;
        }
        reported_ = false;
        add(std::move(*accepted));
    }
}

void Reception::add(lab::Accepted accepted) {
    Place place = shared_.lobby.take();
    if (options_.rules.secure) {
        shared_.handover.put({std::move(accepted.socket), {}, {}, std::move(place)});
        return;
    }
    newcomers_.push_back(std::make_unique<Newcomer>(std::move(accepted), std::move(place)));
}

void Reception::serve(Newcomer& newcomer, short events) {
    http::ServedClient& client = newcomer.client;
    if ((events & ~POLLOUT) && !client.receive_some(buffer_)) newcomer.gone = true;
    if (newcomer.gone) return;
    if (auto request = client.connection().next_request()) handle(newcomer, std::move(*request));
    if (newcomer.gone) return;
    look_at_the_clock(newcomer);
    newcomer.gone = newcomer.gone || !client.send_some() || !client.conclude();
}

void Reception::handle(Newcomer& newcomer, http::Request request) {
    // One request for each connection: what is not in the chat is not to stay.
    http::Connection& connection = newcomer.client.connection();
    connection.finish();
    if (connection.answers_head()) request.head.method = "HEAD";
    if (const auto response = response_to(request, options_.rules))
        return connection.respond(*response);
    Place place = shared_.chat.take();
    if (!place) return connection.respond(response_when_full());
    auto [socket, unread] = newcomer.client.hand_over();
    shared_.handover.put({std::move(socket), newcomer_of(request),
                          request_for_library(request) + unread, std::move(place)});
    newcomer.gone = true;
}

void Reception::look_at_the_clock(Newcomer& newcomer) {
    const auto now = Clock::now();
    const auto state = newcomer.client.connection().state();
    const bool answered =
        state == http::Connection::State::finished || state == http::Connection::State::closed;
    if (answered && !newcomer.answered) {
        newcomer.answered = true;
        newcomer.since = now;
    }
    const auto patience = answered ? kGoodbye : shared_.is_crowded() ? kPatienceInCrowd : kPatience;
    if (now - newcomer.since < patience) return;
    if (answered) {
        newcomer.gone = true;
    } else {
        newcomer.client.connection().time_out();
    }
}

}  // namespace ws_chat
