#include "05_ws_chat/broker_in_loop.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

#include "05_ws_chat/library.hpp"
#include "common/check.hpp"

namespace ws_chat {

void BrokerInLoop::watch(lws_vhost* vhost) {
    vhost_ = vhost;
    broker_.watch(*this, nullptr);
}

bool BrokerInLoop::ready(lws* connection) {
    const auto is_it = [&](const auto& entry) { return entry.second.connection == connection; };
    if (std::ranges::none_of(watched_, is_it)) return false;
    proceed();
    // The broker may have made its connections again: then this one was removed.
    return std::ranges::any_of(watched_, is_it);
}

void BrokerInLoop::closed(lws* connection) {
    std::erase_if(watched_,
                  [&](const auto& entry) { return entry.second.connection == connection; });
}

void BrokerInLoop::proceed_if_due() {
    if (broker_.is_due()) proceed();
}

// The library waits to write only once each time that it is asked to. The broker's own calls are no
// calls of the library: it tells the capture of them itself.
void BrokerInLoop::proceed() {
    in_library = false;
    broker_.proceed();
    in_library = true;
    for (const auto& [descriptor, watched] : watched_)
        if (watched.events & POLLOUT) lws_callback_on_writable(watched.connection);
}

// The library closes what it adopts: it gets a second descriptor of the same socket.
void BrokerInLoop::add(int descriptor, short events, void*) {
    lws_sock_file_fd_type file{};
    file.filefd = lab::check("fcntl", fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
    lws* const connection =
        lws_adopt_descriptor_vhost(vhost_, LWS_ADOPT_RAW_FILE_DESC, file, "chat", nullptr);
    if (!connection) throw std::runtime_error("libwebsockets does not take its connection");
    watched_[descriptor] = {connection, events};
    if (events & POLLOUT) lws_callback_on_writable(connection);
}

void BrokerInLoop::change(int descriptor, short events, void*) {
    const auto found = watched_.find(descriptor);
    if (found == watched_.end()) return;
    found->second.events = events;
    if (events & POLLOUT) lws_callback_on_writable(found->second.connection);
}

// The end of the stream makes the library's descriptor ready: it is closed when that is told.
void BrokerInLoop::remove(int descriptor) {
    watched_.erase(descriptor);
    shutdown(descriptor, SHUT_RDWR);
}

}  // namespace ws_chat
