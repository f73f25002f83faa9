// The members of the room, and what each of them still lacks. All of it belongs to the one thread
// that serves libwebsockets; only wake-ups come from others.
#pragma once

#include <libwebsockets.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "04_handshake/frame.hpp"
#include "05_ws_chat/admission.hpp"
#include "05_ws_chat/limits.hpp"
#include "05_ws_chat/programs.hpp"
#include "05_ws_chat/room.hpp"
#include "05_ws_chat/shared_room.hpp"

namespace ws_chat {

/// One who is in the room.
struct Member {
    lws* connection;  // the library's; good until it says LWS_CALLBACK_CLOSED
    std::string address;
    std::string name;
    bool heartbeats;    // it gets a message at each ping
    Place place;        // in the chat, until its close frame has come
    Position position;  // in the room's log: how much was sent to it
    RateLimit rate;
    std::uint64_t number;                           // no other member ever has it
    std::chrono::steady_clock::time_point heard;    // when it last sent a message or a pong
    std::chrono::steady_clock::time_point asked{};  // when its last ping was sent, or was due
    std::string message{};                          // as far as it has arrived
    std::size_t unsaid = 0;                         // messages that the broker did not take
    std::size_t doubted = 0;                        // messages that it has perhaps not taken
    bool beat_due = false;                          // a heartbeat is to be sent
    bool ping_due = false;                          // a ping is to be sent
    bool pinged = false;                            // since it was heard
    bool late = false;                              // at the last look its pong had not come
    bool waiting = false;                           // for the library to say that it can send again
    bool leaving = false;                           // it gets nothing more
    bool has_closed = false;                        // its close frame has come: nothing more counts
    std::optional<websocket::Failure> farewell{};   // what our close frame is going to say
    std::list<Member>::iterator self{};  // where it stands in the list of all: to leave it at once
};

/// All members. The callbacks of the library end here.
class Members {
 public:
    /// Throws std::runtime_error if the room has a broker that cannot be used.
    explicit Members(const ServerOptions& options);

    /// The room that several servers share; none if the room is the server's own.
    [[nodiscard]] SharedRoom* shared_room() { return shared_room_ ? &*shared_room_ : nullptr; }

    [[nodiscard]] bool empty() const { return members_.empty(); }

    /// `newcomer` has joined, and keeps its `place`. The reference is good until leave().
    Member& join(lws* connection, const Newcomer& newcomer, Place place);
    void leave(Member& member);

    /// A piece of a message has arrived from `member`.
    void receive(Member& member, std::string_view piece);
    /// A sign of life has arrived from `member`: a pong, or a piece of a message.
    void hear(Member& member);

    /// Sends to everyone what was published since the last time. To be called when the library says
    /// LWS_CALLBACK_EVENT_WAIT_CANCELLED: publishing has asked for it.
    void deliver();
    /// Sends a heartbeat, an empty text message, to the members that want one, if it is time to: a
    /// page does not see pings. To be called several times a second.
    void beat();
    /// Pings the members that have been silent for too long, and cuts off those that do not answer.
    /// Costs nothing for the others. To be called several times a second. Source: RFC 6455, section
    /// 5.5.2.
    void ping_silent();
    /// The library can send to `member` again. Returns false if the connection is broken: then the
    /// callback has to return -1.
    [[nodiscard]] bool continue_delivery(Member& member);
    /// A close frame with `payload` has arrived from `member`. Returns true if the library is to
    /// answer it, and false if all is said: then the callback has to return -1.
    [[nodiscard]] bool receive_close(Member& member, std::string_view payload);

    /// The server ends: everyone gets what is left, and close code 1001.
    void go_away();

 private:
    void send_away(Member& member, lws_close_status code, const std::string& why);
    void publish(Member& member, bool text);
    void not_said(std::uint64_t number, bool doubted);
    bool send_notice(Member& member);
    bool send_unread(Member& member);
    bool send_heartbeat(Member& member);
    bool send_ping(Member& member);
    bool send_farewell(Member& member);
    bool write_frame(const Member& member, websocket::Opcode opcode, std::string_view payload);
    bool write_frames(const Member& member, std::string_view frames);
    void cut_off(Member& member, const std::string& why);

    const ServerOptions& options_;
    Room room_;
    // In the order in which they were heard: the first has been silent for longest.
    std::list<Member> members_;
    std::optional<SharedRoom> shared_room_;
    std::uint64_t last_number_ = 0;
    Position delivered_ = 0;  // what was published before has had a chance to be sent
    bool woken_ = false;      // the library will call us back, for deliver()
    bool ending_ = false;
    std::chrono::steady_clock::time_point next_beat_;
};

}  // namespace ws_chat
