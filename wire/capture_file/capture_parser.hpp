// Capture files, as tcpdump, Wireshark and `--capture` write them: pcap and pcapng, in both byte
// orders. It knows no files: bytes go in, packets come out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/capture_file/packet.hpp"

namespace wire {

/// Finds the packets of a capture file that arrives in pieces of any size. Keeps no more than one
/// packet of it, and takes no memory for bytes that are only announced. The result does not depend
/// on where the bytes are cut. Source: draft-ietf-opsawg-pcap, section 4 and 5;
/// draft-ietf-opsawg-pcapng, section 4.
class CaptureParser {
 public:
    enum class Result {
        packet,     // packet() is whole: the input begins after it now
        need_more,  // all of the input was taken
        bad,        // error() says why: the file cannot be read on
    };
    /// The longest packet that tcpdump and Wireshark write, with room for a block's own fields.
    static constexpr std::size_t kMaxPacket = 256 * 1024 + 1024;
    static constexpr std::size_t kMaxInterfaces = 1024;

    /// `max_packet`: the most bytes that a packet, or a block that is not passed over, may have.
    explicit CaptureParser(std::size_t max_packet = kMaxPacket) : max_packet_(max_packet) {}

    /// Takes bytes from the front of `input`, at most to the end of a packet. Not to be called
    /// again after bad.
    Result parse(std::string_view& input);
    /// The file has ended. Returns need_more if it may end here; bad if something is missing.
    Result finish();

    /// After Result::packet. The caller's to move away.
    [[nodiscard]] Packet& packet() { return packet_; }
    /// After Result::bad: what is wrong, and at which byte of the file.
    [[nodiscard]] const std::string& error() const { return error_; }

 private:
    struct Interface {
        std::uint32_t link_type;
        std::uint32_t snap_length;       // 0: no limit
        std::uint64_t units_per_second;  // of its times
    };
    enum class Part {
        magic,         // the first 4 bytes, which tell the format
        pcap_file,     // the header of a pcap file
        pcap_packet,   // the header of a packet in it
        pcap_bytes,    // the packet
        block_header,  // of a pcapng block
        block,         // a block that matters, to its end
    };
    Result take_unit(bool& done);
    Result take_magic();
    Result take_pcap_file();
    Result take_pcap_packet();
    Result take_block_header();
    Result take_block(bool& done);
    Result take_section();
    Result take_interface(std::string_view body);
    Result take_packet_block(std::string_view body, bool& done);
    Result take_simple_packet(std::string_view body, bool& done);
    void expect(Part part, std::size_t size);
    Result refuse(const std::string& what);
    [[nodiscard]] std::uint32_t number(std::string_view bytes, std::size_t at) const;
    [[nodiscard]] std::uint16_t short_number(std::string_view bytes, std::size_t at) const;

    std::size_t max_packet_;
    Part part_ = Part::magic;
    std::size_t needed_ = 4;     // bytes of the unit that is coming
    std::string unit_;           // those of them that have come
    std::uint64_t to_skip_ = 0;  // bytes that do not matter here
    std::uint64_t taken_ = 0;    // bytes of the file so far
    bool big_endian_ = false;
    std::vector<Interface> interfaces_;  // of a pcap file: one
    Packet packet_;
    std::string error_;
};

}  // namespace wire
