#include "tests/support/captured.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "common/packet.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/program.hpp"
#include "tests/support/redis.hpp"

namespace lab::test {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kLocalUse = 0x80000000;

const std::string kHint = "look at common/capture.cpp, pcapng.cpp and packet.cpp";

/// Why a file is no capture.
struct Fault {
    std::string what;
};

void need(bool condition, const std::string& what) {
    if (!condition) throw Fault{what};
}

std::uint32_t little(std::string_view bytes, std::size_t at) {
    need(at + 4 <= bytes.size(), "a block with all its fields");
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}

std::uint32_t big(std::string_view bytes, std::size_t at, std::size_t size) {
    need(at + size <= bytes.size(), "a packet with all its fields");
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}

std::string address_text(std::string_view bytes, std::uint32_t port) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const bool v4 = bytes.size() == 4;
    inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data(), text.data(), text.size());
    const std::string host = text.data();
    return (v4 ? host : "[" + host + "]") + ":" + std::to_string(port);
}

CapturedPacket packet_of(std::string_view bytes) {
    const std::uint32_t version = big(bytes, 0, 1) >> 4;
    need(version == 4 || version == 6, "an IP packet");
    const bool v4 = version == 4;
    const std::size_t header = v4 ? 20 : 40;
    const std::size_t address = v4 ? 4 : 16;
    const std::uint32_t length = big(bytes, v4 ? 2 : 4, 2) + (v4 ? 0 : 40);
    need(length == bytes.size(), "the length in the IP header");
    if (v4) need(internet_checksum(bytes.substr(0, header)) == 0, "the checksum of the IP header");
    const std::string_view from = bytes.substr(v4 ? 12 : 8, address);
    const std::string_view to = bytes.substr(v4 ? 16 : 24, address);
    const std::uint32_t protocol = big(bytes, v4 ? 9 : 6, 1);

    const std::string_view segment = bytes.substr(header);
    std::string sum = std::string(from) + std::string(to);
    for (const std::size_t part : {segment.size() >> 8, segment.size() & 0xFF, std::size_t{0},
                                   static_cast<std::size_t>(protocol)})
        sum += static_cast<char>(part);
    need(internet_checksum(sum + std::string(segment)) == 0, "the checksum of TCP or UDP");

    CapturedPacket packet{};
    packet.from = address_text(from, big(segment, 0, 2));
    packet.to = address_text(to, big(segment, 2, 2));
    if (protocol == IPPROTO_UDP) {
        need(big(segment, 4, 2) == segment.size(), "the length in the UDP header");
        packet.flags = "U";
        packet.payload = segment.substr(8);
        return packet;
    }
    need(protocol == IPPROTO_TCP, "TCP or UDP");
    packet.sequence = big(segment, 4, 4);
    packet.acknowledged = big(segment, 8, 4);
    const std::uint32_t flags = big(segment, 13, 1);
    for (const auto& [bit, letter] : std::map<std::uint32_t, char>{
             {0x01, 'F'}, {0x02, 'S'}, {0x04, 'R'}, {0x08, 'P'}, {0x10, 'A'}})
        if (flags & bit) packet.flags += letter;
    packet.payload = segment.substr((big(segment, 12, 1) >> 4) * 4);
    return packet;
}

/// Checks that each side of a connection continues where its last packet ended.
class Sequences {
 public:
    void take(const CapturedPacket& packet) {
        if (packet.flags == "S") {
            next_.erase({packet.to, packet.from});
            acknowledged_.clear();
        }
        const auto next = next_.find({packet.from, packet.to});
        need(packet.flags == "S" || packet.flags == "SA" ||
                 (next != next_.end() && packet.sequence == next->second),
             "a sequence number that continues the side's last packet");
        if (packet.flags != "S") {
            const auto peer = next_.find({packet.to, packet.from});
            need(peer != next_.end() && packet.acknowledged == peer->second,
                 "an acknowledgement of all that the other side has said");
            acknowledged_[{packet.to, packet.from}] = packet.acknowledged;
        }
        const bool counts = packet.flags.find_first_of("SF") != std::string::npos;
        next_[{packet.from, packet.to}] =
            packet.sequence + static_cast<std::uint32_t>(packet.payload.size()) + (counts ? 1 : 0);
        if (acknowledged_.count({packet.from, packet.to}))
            need(packet.sequence - acknowledged_[{packet.from, packet.to}] < kWindow,
                 "an acknowledgement before the window is full");
    }

 private:
    static constexpr std::uint32_t kWindow = 8 * 1024 * 1024;

    std::map<std::pair<std::string, std::string>, std::uint32_t> next_, acknowledged_;
};

std::vector<CapturedPacket> packets_of(std::string_view bytes) {
    std::vector<CapturedPacket> packets;
    Sequences sequences;
    bool begins = true;
    while (!bytes.empty()) {
        const std::uint32_t type = little(bytes, 0);
        const std::uint32_t length = little(bytes, 4);
        need(length >= 12 && length % 4 == 0 && length <= bytes.size(), "a whole block");
        need(little(bytes, length - 4) == length, "the same length at both ends of a block");
        need(begins == (type == kSectionHeader), "a section header first, and one alone");
        const std::string_view block = bytes.substr(0, length);
        if (type == kInterface) need((little(block, 8) & 0xFFFF) == 101, "the link type RAW");
        if (type == kEnhancedPacket) {
            const std::uint32_t size = little(block, 20);
            need(size == little(block, 24) && 28 + size + 4 <= length, "a packet in its block");
            CapturedPacket packet = packet_of(block.substr(28, size));
            packet.microseconds = std::uint64_t{little(block, 12)} << 32 | little(block, 16);
            const std::size_t option = 28 + (size + 3) / 4 * 4;
            need(little(block, option) == 0x00040002, "the option epb_flags");
            packet.is_sent = little(block, option + 4) == 2;
            need(packets.empty() || packets.back().microseconds <= packet.microseconds,
                 "a time that never runs back");
            if (packet.flags != "U") sequences.take(packet);
            packets.push_back(packet);
        } else {
            need(type == kSectionHeader || type == kInterface || type == kLocalUse,
                 "a type of block that a capture has");
        }
        bytes.remove_prefix(length);
        begins = false;
    }
    need(!begins, "a section header");
    return packets;
}

std::string content_of(const std::string& file) {
    std::ifstream input(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(input), {}};
}

std::string port_of(const std::string& address) {
    return address.substr(address.rfind(':') + 1);
}

}  // namespace

void record(const ScratchDirectory& directory, const RecordedLine& talk, Place place) {
    auto server_options = talk.server_options;
    auto client_options = talk.client_options;
    server_options.insert(server_options.end(), {"--capture", directory.file("server.pcapng")});
    client_options.insert(client_options.end(), {"--capture", directory.file("client.pcapng")});
    Server server(talk.step, server_options, place);
    const std::string url = talk.scheme + "://127.0.0.1:" + server.port() + talk.path;
    Program client(url_client_command(talk.step, url, client_options), Streams::pipes, place);
    client.write_input(talk.line + "\n", place);
    client.expect_output(talk.shown + "\n", "the line comes back", place);
    client.end_input();
    client.expect_exit(0, "the end of input leaves", kDeadline, place);
    if (!talk.server_says.empty()) server.expect_error(talk.server_says, "its log", place);
    if (talk.settle) talk.settle(server);
    server.expect_clean_end(place);
}

std::vector<CapturedPacket> read_capture(const std::string& file, Place place) {
    try {
        return packets_of(content_of(file));
    } catch (const Fault& fault) {
        fail(fault.what, "something else in " + file, kHint, place);
    }
}

void expect_broker_recorded(RecordedLine talk, Place place) {
    if (!Redis::is_there()) return;
    const Redis redis("secret");
    const ScratchDirectory directory;
    talk.server_options.insert(talk.server_options.end(), {"--broker", redis.room("lounge")});
    record(directory, talk, place);
    const std::string file = directory.file("server.pcapng");
    const auto packets = packets_of_port(read_capture(file, place), redis.port());
    const std::string commands = captured_bytes(packets, true);
    const std::string replies = captured_bytes(packets, false);
    const std::string hint = "all but the password is recorded, and once";
    for (const std::string& word : {std::string("XADD"), talk.line + "\r\n"}) {
        const std::size_t found = commands.find(word);
        if (found == std::string::npos || commands.find(word, found + 1) != std::string::npos)
            fail(word + " once", commands, hint, place);
    }
    if (commands.find("XREAD") == std::string::npos) fail("XREAD", commands, hint, place);
    if (replies.find(talk.line + "\r\n") == std::string::npos)
        fail(talk.line, replies, hint, place);
    if (captured_clients(packets).size() != 2)
        fail("two connections", std::to_string(captured_clients(packets).size()), hint, place);
    if (commands.find("secret") != std::string::npos) fail("no password", commands, hint, place);
}

std::vector<CapturedPacket> packets_of_port(const std::vector<CapturedPacket>& packets,
                                            const std::string& port) {
    std::vector<CapturedPacket> found;
    std::copy_if(packets.begin(), packets.end(), std::back_inserter(found),
                 [&](const auto& packet) {
                     return port_of(packet.from) == port || port_of(packet.to) == port;
                 });
    return found;
}

std::string captured_bytes(const std::vector<CapturedPacket>& packets, bool is_sent) {
    std::string bytes;
    for (const CapturedPacket& packet : packets)
        if (packet.is_sent == is_sent) bytes += packet.payload;
    return bytes;
}

std::vector<std::string> captured_clients(const std::vector<CapturedPacket>& packets) {
    std::vector<std::string> ports;
    for (const CapturedPacket& packet : packets)
        if (packet.flags == "S") ports.push_back(port_of(packet.from));
    return ports;
}

std::string captured_flags(const std::vector<CapturedPacket>& packets) {
    std::string text;
    std::string last;
    for (const CapturedPacket& packet : packets) {
        const std::string flags =
            (packet.is_sent ? ">" : "<") + (packet.payload.empty() ? packet.flags : "PA");
        if (packet.payload.empty() || flags != last) text += (text.empty() ? "" : " ") + flags;
        last = packet.payload.empty() ? "" : flags;
    }
    return text;
}

bool has_tshark() {
    if (std::system("command -v tshark >/dev/null") == 0) return true;
    skip("tshark", "tshark");
    return false;
}

std::string tshark(const std::string& file, const std::string& protocol,
                   const std::vector<std::string>& words, Place place) {
    std::vector<std::string> command{"tshark", "-r", file, "-n"};
    const CapturedPacket to_server = read_capture(file).front();
    const std::string port = to_server.to.substr(to_server.to.rfind(':') + 1);
    const std::string transport = to_server.flags == "U" ? "udp" : "tcp";
    command.insert(command.end(), {"-d", transport + ".port==" + port + "," + protocol});
    for (const std::string layer : {"ip", "tcp", "udp"})
        command.insert(command.end(), {"-o", layer + ".check_checksum:TRUE"});
    command.insert(command.end(), words.begin(), words.end());
    Program program(command, Streams::pipes, place);
    program.expect_exit(0, "tshark says on stderr what it cannot read", kStart, place);
    return program.output();
}

void expect_sound_for_tshark(const std::string& file, const std::string& protocol,
                             const std::string& filter, Place place) {
    // 0x600000 is a warning, 0x800000 an error.
    std::string faults = "(_ws.expert.severity >= 0x600000 || _ws.malformed)";
    if (!filter.empty()) faults += " && !(" + filter + ")";
    expect_bytes(
        "",
        tshark(file, protocol,
               {"-Y", faults, "-T", "fields", "-e", "frame.number", "-e", "_ws.expert.message"},
               place),
        kHint, place);
}

}  // namespace lab::test
