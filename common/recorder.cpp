#include "common/recorder.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

#include <cerrno>

namespace lab {
namespace {

using Flags = TcpPackets::Flags;
using AddressCall = int (*)(int, sockaddr*, socklen_t*);

// A side acknowledges what it has received at least once per so many bytes: its window is 8 MiB.
constexpr std::uint32_t kMaxUnacknowledged = 1024 * 1024;

std::optional<Endpoint> endpoint_by(AddressCall call, int socket) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    if (call(socket, address, &length) < 0) return std::nullopt;
    return endpoint_of(address);
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

Side other(Side side) {
    return side == Side::own ? Side::peer : Side::own;
}

// A reset that no call has told yet.
bool has_pending_reset(int socket) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length) == 0 &&
           (error == ECONNRESET || error == EPIPE);
}

}  // namespace

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

void Recorder::datagram(int socket, Side sender, const sockaddr* peer, std::string_view bytes) {
    // Asked for once: a signal handler may close the socket before its last datagram is recorded.
    auto own = bound_.find(socket);
    if (own == bound_.end()) {
        const auto asked = endpoint_by(getsockname, socket);
        if (!asked) return;
        own = bound_.emplace(socket, *asked).first;
    }
    const auto other_end = peer ? endpoint_of(peer) : endpoint_by(getpeername, socket);
    if (!other_end) return;
    // A socket that is bound to :: has peers of IPv4 too: then its own address is 0.0.0.0.
    const Endpoint self{own->second.address.substr(0, other_end->address.size()), own->second.port};
    const bool out = sender == Side::own;
    file_.add(sender, udp_packet(out ? self : *other_end, out ? *other_end : self, bytes));
}

}  // namespace lab
