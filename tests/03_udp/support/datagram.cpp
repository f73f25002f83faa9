#include "tests/03_udp/support/datagram.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

#include <cerrno>
#include <cstring>

#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/socket.hpp"
#include "common/visible.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/transcript.hpp"

namespace lab::test {
namespace {

// Room for a longer datagram than any that a program may send.
constexpr std::size_t kBuffer = 66000;

std::string in_words(std::chrono::milliseconds time) {
    return std::to_string(time.count()) + " ms";
}

}  // namespace

DatagramSocket::DatagramSocket(const Server& server)
    : name_(next_actor("socket")),
      socket_(lab::connect_to(server.host(), server.port(), SOCK_DGRAM)) {
}

DatagramSocket::DatagramSocket()
    : name_(next_actor("socket")), socket_(lab::check("socket", socket(AF_INET, SOCK_DGRAM, 0))) {
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

bool DatagramSocket::wait_for_datagram(std::chrono::milliseconds limit) const {
    pollfd ready{socket_.number(), POLLIN, 0};
    return poll(&ready, 1, static_cast<int>(limit.count())) > 0;
}

Datagram DatagramSocket::receive(const std::string& hint, Place place) {
    if (!wait_for_datagram(kDeadline)) fail("a datagram", all_the_time("nothing"), hint, place);
    Datagram datagram{std::string(kBuffer, '\0'), {}};
    auto* const address = reinterpret_cast<sockaddr*>(&datagram.sender.storage);
    const ssize_t size = recvfrom(socket_.number(), datagram.bytes.data(), kBuffer, 0, address,
                                  &datagram.sender.length);
    if (size < 0) fail("a datagram", std::strerror(errno), hint, place);
    lab::capture::received_from(socket_.number(), address, datagram.bytes.data(), size);
    datagram.bytes.resize(static_cast<std::size_t>(size));
    note(name_, "receives", datagram.bytes);
    return datagram;
}

void DatagramSocket::expect(std::string_view bytes, const std::string& hint, Place place) {
    expect_bytes(bytes, receive(hint, place).bytes, hint, place);
}

void DatagramSocket::expect_none(std::chrono::milliseconds pause, const std::string& hint,
                                 Place place) {
    if (!wait_for_datagram(pause)) return;
    fail("no datagram for " + in_words(pause), visible(receive(hint, place).bytes), hint, place);
}

std::vector<std::string> DatagramSocket::receive_all(std::chrono::milliseconds pause) {
    std::vector<std::string> all;
    while (wait_for_datagram(pause)) all.push_back(receive("a datagram that is there").bytes);
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
