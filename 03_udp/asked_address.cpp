#include "03_udp/asked_address.hpp"

#include <netinet/in.h>

#include <cstring>

#include "common/address.hpp"
#include "common/check.hpp"

namespace udp {
namespace {

// Control messages have an alignment of their own, their contents perhaps another: memcpy suits
// all.
template <class Info>
Info info_in(const cmsghdr* message) {
    Info info{};
    std::memcpy(&info, CMSG_DATA(message), sizeof info);
    return info;
}

template <class Info>
void put_info(cmsghdr* message, const Info& info) {
    std::memcpy(CMSG_DATA(message), &info, sizeof info);
}

// What the kernel told about the question becomes an order for the answer. The interface is left to
// the routing table; nobody can answer from an address of a group.
// lesson: order
void make_order(cmsghdr* message) {
    if (message->cmsg_level == IPPROTO_IPV6) {
        auto info = info_in<in6_pktinfo>(message);
        info.ipi6_ifindex = 0;
        if (IN6_IS_ADDR_MULTICAST(&info.ipi6_addr)) info.ipi6_addr = in6addr_any;
        put_info(message, info);
    } else {
        auto info = info_in<in_pktinfo>(message);
        info.ipi_ifindex = 0;
        // Linux has put the address to answer from here already; macOS leaves it empty.
        if (info.ipi_spec_dst.s_addr == INADDR_ANY) info.ipi_spec_dst = info.ipi_addr;
        put_info(message, info);
    }
}
// lesson end

}  // namespace

static_assert(sizeof(Sender::control) >= CMSG_SPACE(sizeof(in6_pktinfo)));

std::string Sender::name() const {
    return lab::to_string(reinterpret_cast<const sockaddr*>(&storage), length);
}

bool is_any_address(const sockaddr* address) {
    if (address->sa_family == AF_INET6) {
        const auto* const any = reinterpret_cast<const sockaddr_in6*>(address);
        return IN6_IS_ADDR_UNSPECIFIED(&any->sin6_addr);
    }
    return reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr == INADDR_ANY;
}

void ask_for_asked_address(int endpoint, int family) {
    const bool ipv6 = family == AF_INET6;
    const int on = 1;
    lab::check("setsockopt", setsockopt(endpoint, ipv6 ? IPPROTO_IPV6 : IPPROTO_IP,
                                        ipv6 ? IPV6_RECVPKTINFO : IP_PKTINFO, &on, sizeof on));
}

ssize_t receive_from(int endpoint, char* buffer, std::size_t size, int flags, Sender& sender) {
    iovec part{buffer, size};
    msghdr message{};
    message.msg_name = &sender.storage;
    message.msg_namelen = sizeof sender.storage;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = sender.control;
    message.msg_controllen = sizeof sender.control;
    const ssize_t received = recvmsg(endpoint, &message, flags);
    if (received < 0) return received;
    sender.length = message.msg_namelen;
    sender.control_length = message.msg_controllen;
    if (cmsghdr* const control = CMSG_FIRSTHDR(&message)) make_order(control);
    return received;
}

ssize_t send_back_to(int endpoint, std::string_view bytes, const Sender& sender) {
    Sender order = sender;  // sendmsg only reads, but its structure has no const
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    msghdr message{};
    message.msg_name = &order.storage;
    message.msg_namelen = order.length;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = order.control;
    message.msg_controllen = static_cast<decltype(message.msg_controllen)>(order.control_length);
    return sendmsg(endpoint, &message, 0);
}

}  // namespace udp
