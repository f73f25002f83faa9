// The members of a room that several servers share: what they say goes to the broker, and what the
// broker tells goes to them.
#include <algorithm>
#include <string>

#include "04_handshake/frame.hpp"
#include "05_ws_chat/members.hpp"
#include "common/name.hpp"
#include "common/utf8.hpp"

namespace ws_chat {
namespace {

// Every message of the chat begins with a name. One with an empty name is the server's own.
constexpr std::string_view kNotice = ": ";

std::string messages(std::size_t count) {
    return count == 1 ? "1 message" : std::to_string(count) + " messages";
}

}  // namespace

// The sender, too, hears it when the broker tells of it: so all servers show the same order.
void Members::add_to_room(const Member& member, bool text) {
    const std::uint64_t number = member.number;
    const auto done = [this, number](lab::Broker::Added added, std::uint64_t) {
        if (added != lab::Broker::Added::yes) not_said(number, added);
    };
    const lab::EntryFields fields =
        text ? lab::EntryFields{{"name", member.name}, {"text", member.message}}
             : lab::EntryFields{{"binary", member.message}};
    if (!broker_->add(fields, done)) done(lab::Broker::Added::no, 0);
}

// Counted, and told when the member can be sent to: what waits for it stays small.
void Members::not_said(std::uint64_t number, lab::Broker::Added added) {
    const auto found = std::ranges::find(members_, number, &Member::number);
    if (found == members_.end()) return;
    ++(added == lab::Broker::Added::no ? found->unsaid : found->doubted);
    lws_callback_on_writable(found->connection);
}

// Returns false if the connection is broken.
bool Members::send_notice(Member& member) {
    // The library calls again when what waits is gone.
    if (member.position < room_.end() || lws_partial_buffered(member.connection)) {
        lws_callback_on_writable(member.connection);
        return true;
    }
    std::string notice(kNotice);
    if (const std::size_t count = std::exchange(member.unsaid, 0))
        notice += "not said, because there is no broker: " + messages(count);
    if (const std::size_t count = std::exchange(member.doubted, 0)) {
        if (notice != kNotice) notice += "; ";
        notice += "not known whether it was said, because the broker has gone: " + messages(count);
    }
    std::string frame;
    websocket::append_frame(frame, websocket::Role::server, websocket::Opcode::text, notice);
    return write_frames(member, frame);
}

void Members::show_notice(const std::string& what) {
    if (known_) show(true, std::string(kNotice) + what);
}

void Members::new_room(const std::string&) {
    show_notice("the broker has a new room: what was said last may be missing");
}

void Members::lost_up_to(std::uint64_t) {
    show_notice("some messages are missing: the broker has forgotten them");
}

void Members::broker_changed(bool up) {
    show_notice(up ? "the broker is there again"
                   : "the broker is gone: nothing can be said until it is back");
}

// Anybody who may write to the broker may have written it: an entry that breaks the rules of a
// member's message is none.
void Members::entry(std::uint64_t, const lab::EntryFields& fields) {
    const auto value = [&](std::string_view name) -> const std::string* {
        const auto found = std::ranges::find(fields, name, &lab::EntryFields::value_type::first);
        return found == fields.end() ? nullptr : &found->second;
    };
    const std::string* const name = value("name");
    const std::string* const text = value("text");
    const std::string* const binary = value("binary");
    if (name && text && lab::is_name(*name) && lab::is_utf8(*text)) {
        show(true, *name + ": " + *text);
    } else if (binary) {
        show(false, *binary);
    }
}

}  // namespace ws_chat
