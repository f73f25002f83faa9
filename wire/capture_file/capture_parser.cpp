#include "wire/capture_file/capture_parser.hpp"

#include <algorithm>
#include <utility>

namespace wire {
namespace {

constexpr std::uint32_t kPcapMicroseconds = 0xA1B2C3D4;
constexpr std::uint32_t kPcapNanoseconds = 0xA1B23C4D;
constexpr std::uint32_t kSectionHeader = 0x0A0D0D0A;  // the same in both byte orders
constexpr std::uint32_t kByteOrderMagic = 0x1A2B3C4D;
constexpr std::uint32_t kInterface = 1;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint16_t kTimeResolution = 9;  // option if_tsresol
constexpr std::size_t kPcapFileHeader = 24;
constexpr std::size_t kPcapPacketHeader = 16;
// A block's type, its length, and its length again at its end.
constexpr std::size_t kBlockFrame = 12;
constexpr std::uint64_t kMicroseconds = 1'000'000;
constexpr std::uint64_t kNanoseconds = 1'000'000'000;

std::uint32_t swapped(std::uint32_t number) {
    return number >> 24 | (number >> 8 & 0xFF00) | (number << 8 & 0xFF0000) | number << 24;
}

// `count` units since 1970. What lies after the year 2262 does not fit, and becomes that year.
Time time_of(std::uint64_t count, std::uint64_t units_per_second) {
    constexpr std::uint64_t kLastSecond = 9'223'372'035;
    const std::uint64_t seconds = std::min(count / units_per_second, kLastSecond);
    std::uint64_t rest = count % units_per_second;
    if (units_per_second > kNanoseconds) {
        rest /= std::max<std::uint64_t>(1, units_per_second / kNanoseconds);
        rest = std::min(rest, kNanoseconds - 1);
    } else {
        rest = rest * kNanoseconds / units_per_second;
    }
    return Time(std::chrono::nanoseconds(static_cast<std::int64_t>(seconds * kNanoseconds + rest)));
}

// 10 or 2 to a power, as option if_tsresol says it; none if that does not fit.
std::uint64_t resolution(std::uint8_t value) {
    const int power = value & 0x7F;
    if (value & 0x80) return power < 64 ? std::uint64_t{1} << power : 0;
    if (power > 19) return 0;
    std::uint64_t units = 1;
    for (int i = 0; i < power; ++i) units *= 10;
    return units;
}

}  // namespace

CaptureParser::Result CaptureParser::parse(std::string_view& input) {
    for (;;) {
        const auto skipped =
            static_cast<std::size_t>(std::min<std::uint64_t>(to_skip_, input.size()));
        const std::size_t count = std::min(input.size() - skipped, needed_ - unit_.size());
        unit_ += input.substr(skipped, count);
        input.remove_prefix(skipped + count);
        to_skip_ -= skipped;
        taken_ += skipped + count;
        if (to_skip_ > 0 || unit_.size() < needed_) return Result::need_more;
        bool done = false;
        if (take_unit(done) == Result::bad) return Result::bad;
        if (done) return Result::packet;
    }
}

CaptureParser::Result CaptureParser::finish() {
    if (part_ == Part::magic)
        return refuse(taken_ == 0 ? "the file is empty" : "the file ends within its first number");
    const bool between = part_ == Part::pcap_packet || part_ == Part::block_header;
    if (between && unit_.empty() && to_skip_ == 0) return Result::need_more;
    return refuse("the file ends within a packet or a block");
}

// The unit that was needed is whole. `done` becomes true if packet() is whole with it.
CaptureParser::Result CaptureParser::take_unit(bool& done) {
    switch (part_) {
        case Part::magic:
            return take_magic();
        case Part::pcap_file:
            return take_pcap_file();
        case Part::pcap_packet:
            return take_pcap_packet();
        case Part::pcap_bytes:
            packet_.bytes = std::exchange(unit_, {});
            expect(Part::pcap_packet, kPcapPacketHeader);
            done = true;
            return Result::packet;
        case Part::block_header:
            return take_block_header();
        case Part::block:
            break;
    }
    return take_block(done);
}

CaptureParser::Result CaptureParser::take_magic() {
    const std::uint32_t magic = number(unit_, 0);
    if (magic == kSectionHeader) {
        part_ = Part::block_header;
        needed_ = kBlockFrame;
        return Result::need_more;
    }
    big_endian_ = magic == swapped(kPcapMicroseconds) || magic == swapped(kPcapNanoseconds);
    const std::uint32_t right = number(unit_, 0);
    if (right != kPcapMicroseconds && right != kPcapNanoseconds)
        return refuse("this is no capture file: it begins neither as pcap nor as pcapng");
    interfaces_ = {{0, 0, right == kPcapNanoseconds ? kNanoseconds : kMicroseconds}};
    part_ = Part::pcap_file;
    needed_ = kPcapFileHeader;
    return Result::need_more;
}

CaptureParser::Result CaptureParser::take_pcap_file() {
    // The upper bits say whether a checksum follows each packet: its headers tell where it ends.
    interfaces_[0].link_type = number(unit_, 20) & 0xFFFF;
    expect(Part::pcap_packet, kPcapPacketHeader);
    return Result::need_more;
}

CaptureParser::Result CaptureParser::take_pcap_packet() {
    const std::uint64_t units = interfaces_[0].units_per_second;
    const std::uint32_t size = number(unit_, 8);
    if (size > max_packet_)
        return refuse("a packet has " + std::to_string(size) + " bytes: too many");
    // A fraction of more than a second is a fault of the file; the time stays defined.
    packet_.time = time_of(number(unit_, 0) * units + number(unit_, 4), units);
    packet_.link_type = interfaces_[0].link_type;
    packet_.length = number(unit_, 12);
    expect(Part::pcap_bytes, size);
    return Result::need_more;
}

CaptureParser::Result CaptureParser::take_block_header() {
    const bool section = number(unit_, 0) == kSectionHeader;
    if (section) {
        big_endian_ = number(unit_, 8) == swapped(kByteOrderMagic);
        if (!big_endian_ && number(unit_, 8) != kByteOrderMagic)
            return refuse("a section has no byte-order magic");
    }
    const std::uint32_t type = number(unit_, 0);
    const std::uint32_t size = number(unit_, 4);
    if (size < kBlockFrame || size % 4 != 0)
        return refuse("a block cannot be " + std::to_string(size) + " bytes long");
    if (section || type == kInterface || type == kSimplePacket || type == kEnhancedPacket) {
        if (size > max_packet_)
            return refuse("a block has " + std::to_string(size) + " bytes: too many");
        part_ = Part::block;
        needed_ = size;
        return Result::need_more;
    }
    // Names, statistics, secrets: nothing of it is shown here.
    expect(Part::block_header, kBlockFrame);
    to_skip_ = size - kBlockFrame;
    return Result::need_more;
}

CaptureParser::Result CaptureParser::take_block(bool& done) {
    const std::string block = std::exchange(unit_, {});
    expect(Part::block_header, kBlockFrame);
    if (number(block, 4) != number(block, block.size() - 4))
        return refuse("the two lengths of a block differ");
    const std::string_view body = std::string_view(block).substr(8, block.size() - kBlockFrame);
    switch (number(block, 0)) {
        case kSectionHeader:
            interfaces_.clear();
            return body.size() < 16 ? refuse("a section header is too short") : Result::need_more;
        case kInterface:
            return take_interface(body);
        case kSimplePacket:
            return take_simple_packet(body, done);
        default:
            return take_packet_block(body, done);
    }
}

CaptureParser::Result CaptureParser::take_interface(std::string_view body) {
    if (body.size() < 8) return refuse("an interface block is too short");
    if (interfaces_.size() == kMaxInterfaces) return refuse("there are too many interfaces");
    Interface interface { short_number(body, 0), number(body, 4), kMicroseconds };
    for (body.remove_prefix(8); body.size() >= 4;) {
        const std::uint16_t code = short_number(body, 0);
        const std::size_t size = short_number(body, 2);
        const std::size_t padded = (size + 3) / 4 * 4;
        if (code == 0) break;
        if (padded > body.size() - 4) return refuse("an option is longer than its block");
        if (code == kTimeResolution && size > 0) {
            interface.units_per_second = resolution(static_cast<std::uint8_t>(body[4]));
            if (interface.units_per_second == 0)
                return refuse("the times of an interface are finer than can be told");
        }
        body.remove_prefix(4 + padded);
    }
    interfaces_.push_back(interface);
    return Result::need_more;
}

CaptureParser::Result CaptureParser::take_packet_block(std::string_view body, bool& done) {
    constexpr std::size_t kFields = 20;
    if (body.size() < kFields) return refuse("a packet block is too short");
    const std::uint32_t interface = number(body, 0);
    if (interface >= interfaces_.size())
        return refuse("a packet names an interface that the file does not describe");
    const std::uint32_t size = number(body, 12);
    if (size > body.size() - kFields) return refuse("a packet is longer than its block");
    const std::uint64_t time = std::uint64_t{number(body, 4)} << 32 | number(body, 8);
    packet_ = {time_of(time, interfaces_[interface].units_per_second),
               interfaces_[interface].link_type, std::string(body.substr(kFields, size)),
               number(body, 16)};
    done = true;
    return Result::packet;
}

// It has no time.
CaptureParser::Result CaptureParser::take_simple_packet(std::string_view body, bool& done) {
    if (body.size() < 4) return refuse("a packet block is too short");
    if (interfaces_.empty())
        return refuse("a packet names an interface that the file does not describe");
    const std::uint32_t length = number(body, 0);
    const std::uint32_t snap = interfaces_[0].snap_length;
    const std::size_t size = snap == 0 ? length : std::min(length, snap);
    if (size > body.size() - 4) return refuse("a packet is longer than its block");
    packet_ = {Time{}, interfaces_[0].link_type, std::string(body.substr(4, size)), length};
    done = true;
    return Result::packet;
}

void CaptureParser::expect(Part part, std::size_t size) {
    part_ = part;
    needed_ = size;
    unit_.clear();
}

CaptureParser::Result CaptureParser::refuse(const std::string& what) {
    error_ = what + " (before byte " + std::to_string(taken_) + " of the file)";
    return Result::bad;
}

std::uint32_t CaptureParser::number(std::string_view bytes, std::size_t at) const {
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const std::size_t next = big_endian_ ? at + i : at + 3 - i;
        number = number << 8 | static_cast<std::uint8_t>(bytes[next]);
    }
    return number;
}

std::uint16_t CaptureParser::short_number(std::string_view bytes, std::size_t at) const {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
    const int number = big_endian_ ? byte(at) << 8 | byte(at + 1) : byte(at + 1) << 8 | byte(at);
    return static_cast<std::uint16_t>(number);
}

}  // namespace wire
