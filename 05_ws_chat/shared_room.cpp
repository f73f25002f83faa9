#include "05_ws_chat/shared_room.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "05_ws_chat/library.hpp"
#include "common/check.hpp"
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

// A member gets what is said from now on, and no history.
SharedRoom::SharedRoom(const ServerOptions& options, Room& room)
    : room_(room),
      broker_({.address = options.broker.value(),
               .trace = options.trace,
               .history = 0,
               .max_entry = std::max(options.max_text, options.max_binary) + 1024},
              *this) {
    broker_.start();
    known_ = true;
}

// --- what is said --------------------------------------------------------------------------------

// The sender, too, hears it when the broker tells of it: so all servers show the same order.
void SharedRoom::say(const std::string& name, bool text, const std::string& message,
                     std::function<void(bool doubted)> failed) {
    const auto done = [failed = std::move(failed)](lab::Broker::Added added, std::uint64_t) {
        if (added != lab::Broker::Added::yes) failed(added == lab::Broker::Added::unknown);
    };
    const lab::EntryFields fields = text ? lab::EntryFields{{"name", name}, {"text", message}}
                                         : lab::EntryFields{{"binary", message}};
    if (!broker_.add(fields, "", done)) done(lab::Broker::Added::no, 0);
}

std::string SharedRoom::notice_of(std::size_t unsaid, std::size_t doubted) {
    std::string notice(kNotice);
    if (unsaid > 0) notice += "not said, because there is no broker: " + messages(unsaid);
    if (unsaid > 0 && doubted > 0) notice += "; ";
    if (doubted > 0) {
        notice +=
            "not known whether it was said, because the broker has gone: " + messages(doubted);
    }
    return notice;
}

void SharedRoom::show_notice(const std::string& what) {
    if (known_) room_.publish(true, std::string(kNotice) + what);
}

void SharedRoom::new_room(const std::string&) {
    show_notice("the broker has a new room: what was said last may be missing");
}

void SharedRoom::lost_up_to(std::uint64_t) {
    show_notice("some messages are missing: the broker has forgotten them");
}

void SharedRoom::broker_changed(bool up) {
    show_notice(up ? "the broker is there again"
                   : "the broker is gone: nothing can be said until it is back");
}

// Anybody who may write to the broker may have written it: an entry that breaks the rules of a
// member's message is none.
void SharedRoom::entry(std::uint64_t, const lab::EntryFields& fields) {
    const auto value = [&](std::string_view name) -> const std::string* {
        const auto found = std::ranges::find(fields, name, &lab::EntryFields::value_type::first);
        return found == fields.end() ? nullptr : &found->second;
    };
    const std::string* const name = value("name");
    const std::string* const text = value("text");
    const std::string* const binary = value("binary");
    if (name && text && lab::is_name(*name) && lab::is_utf8(*text)) {
        room_.publish(true, *name + ": " + *text);
    } else if (binary) {
        room_.publish(false, *binary);
    }
}

// --- the library's loop --------------------------------------------------------------------------

void SharedRoom::watch(lws_vhost* vhost) {
    vhost_ = vhost;
    broker_.watch(*this, nullptr);
}

bool SharedRoom::ready(lws* connection) {
    const auto is_it = [&](const auto& entry) { return entry.second.connection == connection; };
    if (std::ranges::none_of(watched_, is_it)) return false;
    proceed();
    // The broker may have made its connections again: then this one was removed.
    return std::ranges::any_of(watched_, is_it);
}

void SharedRoom::closed(lws* connection) {
    std::erase_if(watched_,
                  [&](const auto& entry) { return entry.second.connection == connection; });
}

void SharedRoom::proceed_if_due() {
    if (broker_.is_due()) proceed();
}

// The library waits to write only once each time that it is asked to. The broker's own calls are no
// calls of the library: it tells the capture of them itself.
void SharedRoom::proceed() {
    in_library = false;
    broker_.proceed();
    in_library = true;
    for (const auto& [descriptor, watched] : watched_)
        if (watched.events & POLLOUT) lws_callback_on_writable(watched.connection);
}

// The library closes what it adopts: it gets a second descriptor of the same socket.
void SharedRoom::add(int descriptor, short events, void*) {
    lws_sock_file_fd_type file{};
    file.filefd = lab::check("fcntl", fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    lws* const connection =
        lws_adopt_descriptor_vhost(vhost_, LWS_ADOPT_RAW_FILE_DESC, file, "chat", nullptr);
    if (!connection) throw std::runtime_error("libwebsockets does not take its connection");
    watched_[descriptor] = {connection, events};
    if (events & POLLOUT) lws_callback_on_writable(connection);
}

void SharedRoom::change(int descriptor, short events, void*) {
    const auto found = watched_.find(descriptor);
    if (found == watched_.end()) return;
    found->second.events = events;
    if (events & POLLOUT) lws_callback_on_writable(found->second.connection);
}

// The end of the stream makes the library's descriptor ready: it is closed when that is told.
void SharedRoom::remove(int descriptor) {
    watched_.erase(descriptor);
    shutdown(descriptor, SHUT_RDWR);
}

}  // namespace ws_chat
