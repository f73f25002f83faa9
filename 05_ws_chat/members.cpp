#include "05_ws_chat/members.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/message.hpp"
#include "05_ws_chat/library.hpp"
#include "common/address.hpp"

namespace ws_chat {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// The library tells of a pong only if it has a payload, which is the ping's.
constexpr std::string_view kPing = "?";

// The least time for a pong if --ping is short: a member may stand still for a moment too.
constexpr auto kLeastForPong = 2s;

// How long one who is sent away may take to take what waits for it, and to answer our close frame.
constexpr int kGoodbyeSeconds = 2;

// Traces each of the frames under the names of its fields, as 04 does.
void show_frames(const std::string& address, std::string_view frames) {
    websocket::FrameHeaderParser parser(websocket::Role::server);
    while (parser.parse(frames) == websocket::FrameHeaderParser::Result::header) {
        const websocket::FrameHeader& header = parser.header();
        const std::string_view payload = frames.substr(0, static_cast<std::size_t>(header.length));
        lab::log("→ " + address + "  " + websocket::name_of(header.opcode) + " frame" +
                 websocket::table(websocket::fields_of(header, payload)));
        frames.remove_prefix(payload.size());
    }
}

// Whether earlier bytes for the member wait in the library, which calls again when they are gone.
bool must_wait(const Member& member) {
    if (!lws_partial_buffered(member.connection)) return false;
    lws_callback_on_writable(member.connection);
    return true;
}

}  // namespace

Members::Members(const ServerOptions& options) : options_(options) {
    if (options.broker) shared_room_.emplace(options, room_);
}

Member& Members::join(lws* connection, const Newcomer& newcomer, Place place) {
    Member& member = members_.emplace_back(
        Member{connection, lab::peer_address(lws_get_socket_fd(connection)), newcomer.name,
               newcomer.heartbeats, std::move(place), room_.end(),
               RateLimit(options_.rate, Clock::now()), ++last_number_, Clock::now()});
    member.self = std::prev(members_.end());
    // The first one at once: so a page knows that there will be more.
    member.beat_due = member.heartbeats;
    if (member.beat_due) lws_callback_on_writable(connection);
    lab::log(member.address + " joined as " + member.name);
    return member;
}

void Members::leave(Member& member) {
    lab::log(member.address + " left");
    members_.erase(member.self);
}

void Members::receive(Member& member, std::string_view piece) {
    hear(member);
    // RFC 6455, section 5.5.1: after its close frame a client sends no data.
    if (member.leaving || member.has_closed) return;
    const bool text = !lws_frame_is_binary(member.connection);
    const std::size_t most = text ? options_.max_text : options_.max_binary;
    // The length of the whole frame is known already: nothing too long is gathered.
    const std::size_t coming = lws_remaining_packet_payload(member.connection);
    if (member.message.size() + piece.size() + coming > most) {
        return send_away(member, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE,
                         "at most " + std::to_string(most) + " bytes");
    }
    member.message += piece;
    if (!lws_is_final_fragment(member.connection)) return;
    if (!member.rate.allow(Clock::now()))
        return send_away(member, LWS_CLOSE_STATUS_POLICY_VIOLATION, "too many messages");
    publish(member, text);
}

// Its close frame goes when the library can send, behind all that it still keeps for the member.
void Members::send_away(Member& member, lws_close_status code, const std::string& why) {
    lab::log(member.address + " sent away: " + std::to_string(code) + ", " + why);
    // It still gets all that was said before.
    send_unread(member);
    member.leaving = true;
    member.farewell = {static_cast<std::uint16_t>(code), why};
    lws_callback_on_writable(member.connection);
    lws_set_timeout(member.connection, PENDING_TIMEOUT_CLOSE_ACK, kGoodbyeSeconds);
}

void Members::publish(Member& member, bool text) {
    options_.trace.received(member.address, member.message);
    if (shared_room_) {
        shared_room_->say(
            member.name, text, member.message,
            [this, number = member.number](bool doubted) { not_said(number, doubted); });
    } else {
        room_.publish(text, text ? member.name + ": " + member.message : member.message);
    }
    member.message.clear();
    if (member.message.capacity() > 4096) member.message.shrink_to_fit();
    if (std::exchange(woken_, true)) return;
    // The messages of this round of the loop leave in one write: the library calls us
    // back in the next one. (Its timers would do, if they did not come late with libev.)
    lws_cancel_service(lws_get_context(member.connection));
}

// Counted, and told when the member can be sent to: what waits for it stays small.
void Members::not_said(std::uint64_t number, bool doubted) {
    const auto found = std::ranges::find(members_, number, &Member::number);
    if (found == members_.end()) return;
    ++(doubted ? found->doubted : found->unsaid);
    lws_callback_on_writable(found->connection);
}

void Members::deliver() {
    woken_ = false;
    if (shared_room_) shared_room_->proceed_if_due();
    if (delivered_ == room_.end()) return;
    delivered_ = room_.end();
    Position least = delivered_;
    // lesson: deliver
    for (Member& member : members_) {
        if (member.leaving) continue;
        if (!member.waiting && !send_unread(member)) cut_off(member, "the connection broke");
        if (room_.end() - member.position > options_.queue) cut_off(member, "it does not read");
        if (!member.leaving) least = std::min(least, member.position);
    }
    // lesson end
    room_.forget(least);
}

void Members::beat() {
    const auto now = Clock::now();
    if (now < next_beat_) return;
    next_beat_ = now + options_.ping;
    for (Member& member : members_) {
        if (!member.heartbeats || member.leaving) continue;
        member.beat_due = true;
        lws_callback_on_writable(member.connection);
    }
}

void Members::hear(Member& member) {
    member.heard = Clock::now();
    member.pinged = false;
    members_.splice(members_.end(), members_, member.self);
}

// The library could do this too. But it keeps the timers of all connections in one sorted list,
// which it walks through for each of them: ten thousand silent members took half a processor.
// The time for the pong begins with the ping, and not with the silence: a server that stood still
// has asked nobody. At the first look after that, a pong that has come may still be unread.
void Members::ping_silent() {
    const auto now = Clock::now();
    const auto time_for_pong = std::max(kLeastForPong, (options_.ping + 1s) / 2);
    for (Member& member : members_) {
        if (now - member.heard < options_.ping) return;
        if (member.leaving) continue;
        if (!std::exchange(member.pinged, true)) {
            member.asked = now;
            member.late = false;
            member.ping_due = true;
            lws_callback_on_writable(member.connection);
        } else if (now - member.asked >= time_for_pong && std::exchange(member.late, true)) {
            cut_off(member, "it does not answer");
        }
    }
}

// Returns false if the connection is broken.
bool Members::send_ping(Member& member) {
    if (must_wait(member)) return true;
    member.ping_due = false;
    member.asked = Clock::now();
    member.late = false;
    return write_frame(member, websocket::Opcode::ping, kPing);
}

// Every message of the chat begins with a name: an empty one is none of them. A member that still
// lacks some of them needs no other sign of life. Returns false if the connection is broken.
bool Members::send_heartbeat(Member& member) {
    member.beat_due = false;
    if (member.position < room_.end() || lws_partial_buffered(member.connection)) return true;
    return write_frame(member, websocket::Opcode::text, "");
}

// Tells the member, behind all that was said, which of its messages are not in the room. Returns
// false if the connection is broken.
bool Members::send_notice(Member& member) {
    if (member.position < room_.end() || must_wait(member)) return true;
    return write_frame(
        member, websocket::Opcode::text,
        SharedRoom::notice_of(std::exchange(member.unsaid, 0), std::exchange(member.doubted, 0)));
}

bool Members::continue_delivery(Member& member) {
    member.waiting = false;
    if (!member.leaving) {
        if (member.ping_due && !send_ping(member)) return false;
        if (!send_unread(member)) return false;
        if (member.beat_due && !send_heartbeat(member)) return false;
        if (member.unsaid + member.doubted > 0 && !send_notice(member)) return false;
        if (ending_ && member.position == room_.end())
            send_away(member, LWS_CLOSE_STATUS_GOINGAWAY, "the server ends");
    }
    return !member.farewell || send_farewell(member);
}

// The library would end TCP right behind its close frame. Bytes that are then still on their way to
// us would be answered with a reset, which may overtake the frame: so the member's own is waited
// for.
bool Members::send_farewell(Member& member) {
    if (must_wait(member)) return true;
    const websocket::Failure why = *std::exchange(member.farewell, std::nullopt);
    return write_frame(member, websocket::Opcode::close,
                       websocket::close_payload(why.code, why.text));
}

bool Members::receive_close(Member& member, std::string_view payload) {
    member.has_closed = true;
    // Now, and not when the library tells of the end: the client may see that before, and come
    // back.
    member.place.reset();
    // It is the answer to ours.
    if (member.leaving && !member.farewell) return false;
    // Messages that were said before go to everybody before the answer, to this member too.
    if (!member.leaving) send_unread(member);
    member.leaving = true;
    if (payload.size() != 1) return true;
    // The library would send the one byte back.
    write_frame(member, websocket::Opcode::close,
                websocket::close_payload(LWS_CLOSE_STATUS_PROTOCOL_ERR, "half a close code"));
    return false;
}

// Writes one frame, behind all that was sent. Returns false if the connection is broken.
bool Members::write_frame(const Member& member, websocket::Opcode opcode,
                          std::string_view payload) {
    std::string frame;
    websocket::append_frame(frame, websocket::Role::server, opcode, payload);
    return write_frames(member, frame);
}

// RAW writes take the bytes as they are; the library's type has no const. Returns false if the
// connection is broken.
bool Members::write_frames(const Member& member, std::string_view frames) {
    auto* const bytes = reinterpret_cast<unsigned char*>(const_cast<char*>(frames.data()));
    if (lws_write(member.connection, bytes, frames.size(), LWS_WRITE_RAW) < 0) return false;
    if (options_.trace.on()) show_frames(member.address, frames);
    return true;
}

// Sends until the member has everything or the kernel takes no more. From then on only the library
// may say when to go on: it sends a pong that is due before it does. Returns false if the
// connection is broken.
bool Members::send_unread(Member& member) {
    while (member.position < room_.end()) {
        if (must_wait(member)) {
            member.waiting = true;
            return true;
        }
        const std::string_view frames = room_.unread(member.position);
        if (!write_frames(member, frames)) return false;
        member.position += frames.size();
    }
    return true;
}

// Ends the connection at once: nothing else goes to one who does not read.
void Members::cut_off(Member& member, const std::string& why) {
    lab::log(member.address + " is cut off: " + why);
    member.leaving = true;
    end_connection(member.connection);
}

void Members::go_away() {
    ending_ = true;
    for (Member& member : members_) lws_callback_on_writable(member.connection);
}

}  // namespace ws_chat
