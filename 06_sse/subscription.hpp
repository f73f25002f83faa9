// The client's stream: one connection after the other, each of which goes on where the last one
// ended.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "06_sse/event_stream.hpp"
#include "common/backoff.hpp"
#include "common/http/client.hpp"
#include "common/log.hpp"
#include "common/url.hpp"

namespace sse {

/// The events of a server. It reconnects by itself when the connection ends, or when nothing comes
/// on it any more, and says with Last-Event-ID what it has got. It follows redirects, also to
/// another server, as EventSource does, and begins each try at the first address. To be polled by
/// its owner. Source: WHATWG HTML, section 9.2.2 and 9.2.3; RFC 9110, section 15.4.
class Subscription {
 public:
    using Clock = std::chrono::steady_clock;
    enum class State {
        asking,   // connected, and the server has not answered yet
        open,     // events come
        waiting,  // for the time to connect again
        ended,    // the server wants no more of us: 204
    };

    /// Connects to `target` of the server of `url`, with the id of the last event that is known, if
    /// there is one. `patience`: a server from which nothing has come for longer, not even a
    /// comment, is lost. `handle` is called with each event. Throws std::system_error if there is
    /// no connection: only one that was open is made again.
    Subscription(lab::Url url, const std::string& target, std::string last_event_id,
                 std::chrono::milliseconds patience, lab::Trace trace,
                 std::function<void(const Event&)> handle);

    [[nodiscard]] State state() const { return state_; }
    /// Whether the server has ever answered with a stream.
    [[nodiscard]] bool was_open() const { return was_open_; }
    /// The socket to poll(2), -1 if there is none, and the events to wait for on it.
    [[nodiscard]] int socket() const { return connection_ ? connection_->socket() : -1; }
    [[nodiscard]] short events() const;
    /// When proceed() has to be called although nothing comes.
    [[nodiscard]] Clock::time_point deadline() const { return deadline_; }
    /// Takes what has arrived, if `ready`, and connects if it is time to. Throws std::runtime_error
    /// if the server refuses us for good, or sends what is no event stream.
    void proceed(bool ready);

 private:
    void connect(const lab::Url& url);
    void try_to_connect(const lab::Url& url);
    void receive();
    void check_head();
    void follow_redirect();
    void take_content();
    void lose(const std::string& why);
    void wait(const std::string& why, std::chrono::milliseconds asked);
    void end();

    const lab::Url url_;  // of the stream
    const std::chrono::milliseconds patience_;
    const lab::Trace trace_;
    const std::function<void(const Event&)> handle_;
    State state_ = State::asking;
    lab::Url now_at_;    // url_, or where redirects have led
    int redirects_ = 0;  // in this try
    std::optional<http::ClientConnection> connection_;
    EventStreamParser parser_;
    std::chrono::milliseconds retry_;
    lab::Backoff backoff_;
    Clock::time_point deadline_;  // for the next try, or for a sign of the server
    bool was_open_ = false;       // there was a stream before
};

}  // namespace sse
