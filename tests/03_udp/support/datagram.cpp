#include "tests/03_udp/support/datagram.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/socket.hpp"
#include "common/visible.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/transcript.hpp"

namespace lab::test {
namespace {

// Room for a longer datagram than any that a program may send.
constexpr std::size_t kBuffer = 66000;

std::string in_words(std::chrono::milliseconds time) {
    return std::to_string(time.count()) + " ms";
}

// The same socket, which from now on tells of each datagram when it arrived.
lab::FileDescriptor with_arrivals(lab::FileDescriptor socket) {
    const int on = 1;
    lab::check("setsockopt SO_TIMESTAMP",
               setsockopt(socket.number(), SOL_SOCKET, SO_TIMESTAMP, &on, sizeof on));
    return socket;
}

// What `message`, just received on such a socket, tells of its arrival.
std::chrono::microseconds arrival_of(msghdr& message) {
    timeval time{};
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part; part = CMSG_NXTHDR(&message, part)) {
        if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMP)
            std::memcpy(&time, CMSG_DATA(part), sizeof time);
    }
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

DatagramSocket::DatagramSocket(const Server& server)
    : name_(next_actor("socket")),
      socket_(with_arrivals(lab::connect_to(server.host(), server.port(), SOCK_DGRAM))) {
}

DatagramSocket::DatagramSocket()
    : name_(next_actor("socket")),
      socket_(with_arrivals(
          lab::FileDescriptor(lab::check("socket", socket(AF_INET, SOCK_DGRAM, 0))))) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    lab::check("bind",
               bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

std::string DatagramSocket::port() const {
    const std::string address = lab::local_address(socket_.number());
    return address.substr(address.rfind(':') + 1);
}

void DatagramSocket::send(std::string_view bytes, Place place) {
    if (!try_send(bytes)) {
        fail("the server's port takes " + visible(bytes), std::strerror(errno),
             "Connection refused: did the server close its socket, or end?", place);
    }
}

bool DatagramSocket::try_send(std::string_view bytes) {
    note(name_, "sends", bytes);
    const ssize_t sent = ::send(socket_.number(), bytes.data(), bytes.size(), 0);
    lab::capture::sent(socket_.number(), bytes.data(), sent);
    return sent >= 0;
}

void DatagramSocket::send_to(const Sender& receiver, std::string_view bytes, Place place) {
    const auto* const address = reinterpret_cast<const sockaddr*>(&receiver.storage);
    note(name_, "sends", bytes);
    const ssize_t sent =
        sendto(socket_.number(), bytes.data(), bytes.size(), 0, address, receiver.length);
    lab::capture::sent_to(socket_.number(), address, bytes.data(), sent);
    if (sent < 0)
        fail("to send " + visible(bytes), std::strerror(errno), "is the address whole?", place);
}

bool DatagramSocket::has_datagram(std::chrono::milliseconds limit) const {
    pollfd ready{socket_.number(), POLLIN, 0};
    return poll(&ready, 1, static_cast<int>(limit.count())) > 0;
}

bool DatagramSocket::wait_for_datagram(std::chrono::milliseconds limit) const {
    return wait_patiently([this](auto span) { return has_datagram(span); }, limit);
}

Datagram DatagramSocket::take(const std::string& hint, Place place) {
    Datagram datagram{std::string(kBuffer, '\0'), {}, {}};
    iovec room{datagram.bytes.data(), datagram.bytes.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(timeval))> control{};
    msghdr message{};
    message.msg_name = &datagram.sender.storage;
    message.msg_namelen = datagram.sender.length;
    message.msg_iov = &room;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t size = recvmsg(socket_.number(), &message, 0);
    if (size < 0) fail("a datagram", std::strerror(errno), hint, place);
    datagram.sender.length = message.msg_namelen;
    datagram.arrival = arrival_of(message);
    lab::capture::received_from(socket_.number(),
                                reinterpret_cast<const sockaddr*>(&datagram.sender.storage),
                                datagram.bytes.data(), size);
    datagram.bytes.resize(static_cast<std::size_t>(size));
    note(name_, "receives", datagram.bytes);
    return datagram;
}

Datagram DatagramSocket::receive(const std::string& hint, Place place) {
    if (!wait_for_datagram(kDeadline)) fail("a datagram", all_the_time("nothing"), hint, place);
    return take(hint, place);
}

std::optional<Datagram> DatagramSocket::try_receive(std::chrono::milliseconds limit) {
    if (!has_datagram(limit)) return std::nullopt;
    return take("a datagram that is there", Place::here());
}

void DatagramSocket::expect(std::string_view bytes, const std::string& hint, Place place) {
    expect_bytes(bytes, receive(hint, place).bytes, hint, place);
}

void DatagramSocket::expect_none(std::chrono::milliseconds pause, const std::string& hint,
                                 Place place) {
    if (!has_datagram(pause)) return;
    fail("no datagram for " + in_words(pause), visible(receive(hint, place).bytes), hint, place);
}

std::vector<std::string> DatagramSocket::receive_all(std::chrono::milliseconds pause,
                                                     std::size_t expected) {
    std::vector<std::string> all;
    const auto comes = [&] {
        if (all.size() < expected) return wait_for_datagram(kDeadline);
        return expected > 0 ? has_datagram(pause) : wait_for_datagram(pause);
    };
    while (comes()) all.push_back(take("a datagram that is there", Place::here()).bytes);
    return all;
}

void DatagramSocket::forget() {
    char byte = 0;
    while (recv(socket_.number(), &byte, 1, MSG_DONTWAIT) >= 0) {
    }
}

std::string free_udp_port() {
    return free_port();
}

}  // namespace lab::test
