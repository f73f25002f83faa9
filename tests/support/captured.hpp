// Captures that a program has recorded with --capture, read again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/support/report.hpp"
#include "tests/support/scratch_directory.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// A conversation of a client with a server of the same step, whose clients take an address.
struct RecordedLine {
    std::string step;
    std::string scheme, path;  // of the address: "ws", "/ws"
    std::string line;          // the client sends it
    std::string shown;         // the client prints it
    std::vector<std::string> server_options{}, client_options{};
    std::string server_says{};  // on stderr, before it is ended
    // Returns when the server has noticed the end of the client, where it does not say so.
    std::function<void(const Server&)> settle{};
};

/// Both programs record the conversation, into server.pcapng and client.pcapng of `directory`, and
/// end well.
void record(const ScratchDirectory& directory, const RecordedLine& talk,
            Place place = Place::here());

/// The same, in a room of a broker, if there is one on this machine; else the case is skipped. The
/// capture of the server holds its commands to the broker, and the replies, and no password.
void expect_broker_recorded(RecordedLine talk, Place place = Place::here());

/// One packet of a capture.
struct CapturedPacket {
    bool is_sent;          // by the program that recorded it
    std::string from, to;  // "127.0.0.1:12345", IPv6 in brackets
    std::string flags;     // of TCP: "S", "SA", "PA", "FA", "RA"; "U" for UDP
    std::uint32_t sequence = 0, acknowledged = 0;
    std::string payload;
    std::uint64_t microseconds;  // since 1970
};

/// The packets in the capture `file`, in their order. Fails the case unless each block is whole,
/// each packet is of TCP or UDP with right lengths and checksums, time never runs back, and in each
/// connection each side continues where its last packet ended, and acknowledges just what the other
/// one has said.
std::vector<CapturedPacket> read_capture(const std::string& file, Place place = Place::here());

/// Those of `packets` that come from `port` or go to it.
std::vector<CapturedPacket> packets_of_port(const std::vector<CapturedPacket>& packets,
                                            const std::string& port);

/// All bytes that were sent, or received, in `packets`.
std::string captured_bytes(const std::vector<CapturedPacket>& packets, bool is_sent);

/// The ports of the programs that connected, in the order of their SYN.
std::vector<std::string> captured_clients(const std::vector<CapturedPacket>& packets);

/// The flags of the packets one after the other, those that the program sent with `>` before them
/// and the others with `<`: ">S <SA >A". Packets with data that follow each other in one direction
/// count as one.
std::string captured_flags(const std::vector<CapturedPacket>& packets);

/// Whether this machine has tshark; if not, says that the case is skipped.
bool has_tshark();

/// The output of tshark, which has_tshark(), for the capture `file`, whose first packet goes to
/// a server, with `words` behind its name. It looks at checksums too. What the server's port
/// carries is `protocol`: data, http or tls. If it were not told, tshark guesses from both ports,
/// and the client's is 57000 now and then, which belongs to IRC.
std::string tshark(const std::string& file, const std::string& protocol,
                   const std::vector<std::string>& words, Place place = Place::here());

/// tshark finds nothing in `file`, of `protocol`, that it calls a warning or an error, but for what
/// `filter`, a display filter, leaves out.
void expect_sound_for_tshark(const std::string& file, const std::string& protocol,
                             const std::string& filter = "", Place place = Place::here());

}  // namespace lab::test
