#include "common/capture.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cerrno>
#include <mutex>

#include "common/recorder.hpp"

namespace lab::capture {
namespace {

bool is_stream(int socket) {
    int type = 0;
    socklen_t length = sizeof type;
    return getsockopt(socket, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_STREAM;
}

// Whether the stream that has ended was ended by the peer. After a shutdown(2) of our own recv(2)
// returns 0 too; Linux alone tells the two apart.
bool is_ended_by_peer([[maybe_unused]] int socket) {
#ifdef __linux__
    tcp_info info{};
    socklen_t length = sizeof info;
    if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &length) == 0)
        return info.tcpi_state != TCP_ESTABLISHED && info.tcpi_state != TCP_FIN_WAIT1 &&
               info.tcpi_state != TCP_FIN_WAIT2;
#endif
    return true;
}

// Set once, before other threads start, and never deleted: descriptors that live until the end of
// the process are closed through it.
Recorder* recorder = nullptr;

// Whether this thread is within record(). Where a program records the C library's write(2) itself,
// as 05_ws_chat does, the write of a block comes there too; and so does that of a signal handler.
thread_local bool busy = false;

// Calls `work` with the recorder, if there is one, and leaves errno alone.
template <class Work>
void record(const Work& work) {
    if (!recorder || busy) return;
    const int saved_errno = errno;
    busy = true;
    {
        const std::lock_guard lock(recorder->mutex);
        work(*recorder);
    }
    busy = false;
    errno = saved_errno;
}

std::string_view view(const void* bytes, ssize_t size) {
    return {static_cast<const char*>(bytes), static_cast<std::size_t>(size)};
}

// `sender` has moved bytes through the datagram socket, unless the call has failed.
void moved_datagram(int socket, Side sender, const sockaddr* peer, const void* bytes,
                    ssize_t result) {
    if (result < 0) return;
    record([&](Recorder& r) { r.datagram(socket, sender, peer, view(bytes, result)); });
}

// A call on a connected socket has returned `result`, for bytes that `sender` has sent.
void moved(int socket, Side sender, const void* bytes, ssize_t result) {
    record([&, error = errno](Recorder& r) {
        if (!is_stream(socket)) {
            if (result >= 0) r.datagram(socket, sender, nullptr, view(bytes, result));
        } else if (result > 0) {
            r.say(socket, sender, view(bytes, result));
        } else if (result < 0) {
            r.fail(socket, error);
        } else if (sender == Side::peer && is_ended_by_peer(socket)) {
            r.end(socket, Side::peer);
        }
    });
}

}  // namespace

void start(const std::string& file, const std::string& program) {
    recorder = new Recorder(file, program);
}

void accepted(int socket) {
    record([&](Recorder& r) { r.open(socket, Side::peer); });
}
void connected(int socket) {
    record([&](Recorder& r) { r.open(socket, Side::own); });
}

void sent(int socket, const void* bytes, ssize_t result) {
    moved(socket, Side::own, bytes, result);
}

void sent(int socket, std::span<const std::string_view> pieces, ssize_t result) {
    if (!recorder) return;
    std::string bytes;
    for (const std::string_view piece : pieces) bytes += piece;
    sent(socket, bytes.data(), result);
}

void received(int socket, const void* bytes, ssize_t result) {
    moved(socket, Side::peer, bytes, result);
}

void sent_to(int socket, const sockaddr* peer, const void* bytes, ssize_t result) {
    moved_datagram(socket, Side::own, peer, bytes, result);
}

void received_from(int socket, const sockaddr* peer, const void* bytes, ssize_t result) {
    moved_datagram(socket, Side::peer, peer, bytes, result);
}

bool is_on() {
    return recorder != nullptr;
}

void shut_down(int socket) {
    record([&](Recorder& r) { r.end(socket, Side::own); });
}
void closing(int socket) {
    record([&](Recorder& r) { r.close(socket); });
}

}  // namespace lab::capture
