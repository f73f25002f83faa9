#include "common/capture.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "common/capture_file.hpp"
#include "common/packet.hpp"

namespace lab::capture {
namespace {

using Flags = TcpPackets::Flags;
using AddressCall = int (*)(int, sockaddr*, socklen_t*);

// A side acknowledges what it has received at least once per so many bytes: its window is 8 MiB.
constexpr std::uint32_t kMaxUnacknowledged = 1024 * 1024;

// --- what the kernel says about a socket ---------------------------------------------------------

std::optional<Endpoint> endpoint_by(AddressCall call, int socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    if (call(socket, address, &length) < 0) return std::nullopt;
    return endpoint_of(address);
}

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

// Whether close(2) sends RST instead of FIN. Source: RFC 9293, section 3.10.4; socket(7),
// SO_LINGER.
bool is_reset_by_close(int socket) {
    linger lingers{};
    socklen_t length = sizeof lingers;
    int unread = 0;
    return (getsockopt(socket, SOL_SOCKET, SO_LINGER, &lingers, &length) == 0 &&
            lingers.l_onoff != 0 && lingers.l_linger == 0) ||
           (ioctl(socket, FIONREAD, &unread) == 0 && unread > 0);
}

// A reset that no call has told yet.
bool has_pending_reset(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
           (error == ECONNRESET || error == EPIPE);
}

// --- the recorder --------------------------------------------------------------------------------

/// Owns the file and what is known of each connection. Its mutex guards all of it; its caller holds
/// it.
class Recorder {
 public:
    Recorder(const std::string& file, const std::string& program) : file_(file, program) {}

    void open(int socket, Side first);
    void say(int socket, Side sender, std::string_view bytes);
    void end(int socket, Side sender);
    void fail(int socket, int error);
    void close(int socket);
    void datagram(int socket, Side sender, const std::optional<Endpoint>& peer,
                  std::string_view bytes);

    std::mutex mutex;

 private:
    struct Stream {
        TcpPackets packets;
        std::array<bool, 2> ended{};  // by FIN: our half, the peer's
        bool over = false;            // by RST
    };
    Stream* live(int socket);
    void reset(Stream& stream, Side sender);
    void add(Stream& stream, Side sender, std::uint8_t flags, std::string_view payload = {}) {
        file_.add(sender, stream.packets.next(sender, flags, payload));
    }

    CaptureFile file_;
    std::unordered_map<int, Stream> streams_;
    std::unordered_map<int, Endpoint> bound_;  // our own ends of UDP
    std::uint32_t opened_ = 0;
};

Side other(Side side) {
    return side == Side::own ? Side::peer : Side::own;
}

void Recorder::open(int socket, Side first) {
    const auto own = endpoint_by(getsockname, socket);
    const auto peer = endpoint_by(getpeername, socket);
    if (!own || !peer) return;
    // Numbers of their own keep two connections apart that have the same ports, one after the
    // other.
    constexpr std::uint32_t kStep = 64'000;
    Stream& stream =
        streams_.insert_or_assign(socket, Stream{TcpPackets(*own, *peer, ++opened_ * kStep)})
            .first->second;
    add(stream, first, Flags::syn);
    add(stream, other(first), Flags::syn | Flags::ack);
    add(stream, first, Flags::ack);
}

// The connection on `socket`, unless it has been reset. A library does not tell when it connects:
// then SYN comes with the first bytes.
Recorder::Stream* Recorder::live(int socket) {
    if (streams_.count(socket) == 0) open(socket, Side::own);
    const auto found = streams_.find(socket);
    return found == streams_.end() || found->second.over ? nullptr : &found->second;
}

void Recorder::say(int socket, Side sender, std::string_view bytes) {
    Stream* const stream = live(socket);
    while (stream && !bytes.empty()) {
        const std::size_t room = file_.packet_room(TcpPackets::kMaxHeaders + bytes.size());
        const std::string_view payload = bytes.substr(0, room - TcpPackets::kMaxHeaders);
        bytes.remove_prefix(payload.size());
        add(*stream, sender, bytes.empty() ? Flags::psh | Flags::ack : Flags::ack, payload);
        if (stream->packets.unacknowledged(sender) >= kMaxUnacknowledged)
            add(*stream, other(sender), Flags::ack);
    }
}

void Recorder::end(int socket, Side sender) {
    Stream* const stream = live(socket);
    if (!stream) return;
    bool& ended = stream->ended[sender == Side::own ? 0 : 1];
    if (ended) return;
    ended = true;
    add(*stream, sender, Flags::fin | Flags::ack);
    add(*stream, other(sender), Flags::ack);
}

// A call has failed with `error`, which may tell that the peer has reset the connection.
void Recorder::fail(int socket, int error) {
    Stream* const stream = live(socket);
    if (!stream) return;
    // After our own FIN send(2) fails with EPIPE too.
    if (error == ECONNRESET || (error == EPIPE && !stream->ended[0])) reset(*stream, Side::peer);
}

void Recorder::reset(Stream& stream, Side sender) {
    stream.over = true;
    add(stream, sender, Flags::rst | Flags::ack);
}

void Recorder::close(int socket) {
    bound_.erase(socket);
    const auto found = streams_.find(socket);
    if (found == streams_.end()) return;
    Stream& stream = found->second;
    const bool all_ended = stream.ended[0] && stream.ended[1];
    if (!stream.over && !all_ended) {
        if (has_pending_reset(socket))
            reset(stream, Side::peer);
        else if (is_reset_by_close(socket))
            reset(stream, Side::own);
    }
    end(socket, Side::own);
    streams_.erase(socket);
}

void Recorder::datagram(int socket, Side sender, const std::optional<Endpoint>& peer,
                        std::string_view bytes) {
    // Asked for once: a signal handler may close the socket before its last datagram is recorded.
    auto own = bound_.find(socket);
    if (own == bound_.end()) {
        const auto asked = endpoint_by(getsockname, socket);
        if (!asked) return;
        own = bound_.emplace(socket, *asked).first;
    }
    if (!peer) return;
    // A socket that is bound to :: has peers of IPv4 too: then its own address is 0.0.0.0.
    const Endpoint self{own->second.address.substr(0, peer->address.size()), own->second.port};
    const bool out = sender == Side::own;
    file_.add(sender, udp_packet(out ? self : *peer, out ? *peer : self, bytes));
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
    record([&, error = errno](Recorder& r) {
        if (!is_stream(socket)) {
            if (result >= 0)
                r.datagram(socket, Side::own, endpoint_by(getpeername, socket),
                           view(bytes, result));
        } else if (result > 0) {
            r.say(socket, Side::own, view(bytes, result));
        } else if (result < 0) {
            r.fail(socket, error);
        }
    });
}

void sent(int socket, std::span<const std::string_view> pieces, ssize_t result) {
    if (!recorder) return;
    std::string bytes;
    for (const std::string_view piece : pieces) bytes += piece;
    sent(socket, bytes.data(), result);
}

void received(int socket, const void* bytes, ssize_t result) {
    record([&, error = errno](Recorder& r) {
        if (!is_stream(socket)) {
            if (result >= 0)
                r.datagram(socket, Side::peer, endpoint_by(getpeername, socket),
                           view(bytes, result));
        } else if (result > 0) {
            r.say(socket, Side::peer, view(bytes, result));
        } else if (result == 0 && is_ended_by_peer(socket)) {
            r.end(socket, Side::peer);
        } else if (result < 0) {
            r.fail(socket, error);
        }
    });
}

void sent_to(int socket, const sockaddr* peer, const void* bytes, ssize_t result) {
    if (result < 0) return;
    record([&](Recorder& r) {
        r.datagram(socket, Side::own, endpoint_of(peer), view(bytes, result));
    });
}

void received_from(int socket, const sockaddr* peer, const void* bytes, ssize_t result) {
    if (result < 0) return;
    record([&](Recorder& r) {
        r.datagram(socket, Side::peer, endpoint_of(peer), view(bytes, result));
    });
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
