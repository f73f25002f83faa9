#include "wire/dissect/frames.hpp"

#include <algorithm>

#include "04_handshake/frame_fields.hpp"
#include "wire/dissect/lines.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

using websocket::hexadecimal;
using websocket::MessageParser;
using websocket::Opcode;

constexpr std::size_t kUnmasked = 32;  // bytes whose mask is undone one by one
constexpr const char* kFrame = "RFC 6455, 5.2";

std::string meaning_of(Opcode opcode) {
    const std::string name = websocket::name_of(opcode);
    return is_control(opcode) ? name + ": about the connection" : name;
}

void add_first_byte(std::vector<Field>& fields, unsigned char byte, bool fin, Opcode opcode) {
    fields.push_back({0, 1, "FIN", bits(byte, 0, 1),
                      fin ? "the last frame of its message" : "more frames of it follow", kFrame});
    fields.push_back({0, 1, "RSV1, RSV2, RSV3", bits(byte, 1, 3),
                      byte & 0x70 ? "set, without an extension" : "for extensions: none", kFrame});
    fields.push_back({0, 1, "opcode", bits(byte, 4, 4), meaning_of(opcode), kFrame});
}

void add_length(std::vector<Field>& fields, std::string_view header, std::uint64_t length) {
    const auto byte = static_cast<unsigned char>(header[1]);
    const bool masked = byte & 0x80;
    fields.push_back({1, 1, "MASK", bits(byte, 0, 1),
                      masked ? "a masking key follows: a client sends this"
                             : "no masking key: a server sends this",
                      "RFC 6455, 5.1"});
    const std::size_t extended = header.size() - 2 - (masked ? 4 : 0);
    const std::string meaning = extended == 0   ? count_of(length, "byte")
                                : extended == 2 ? "126: it stands in the next 2 bytes"
                                                : "127: it stands in the next 8 bytes";
    fields.push_back({1, 1, "payload length", bits(byte, 1, 7), meaning, kFrame});
    if (extended > 0) {
        fields.push_back({2, extended, "extended length", hexadecimal(header.substr(2, extended)),
                          count_of(length, "byte"), kFrame});
    }
    if (masked) {
        fields.push_back({2 + extended, 4, "masking key", hexadecimal(header.substr(2 + extended)),
                          "4 random bytes, new for each frame", "RFC 6455, 5.3"});
    }
}

void add_payload(Message& message, std::size_t begin, const websocket::FrameHeader& frame,
                 std::string_view payload) {
    if (begin >= message.bytes.size()) return;
    const std::size_t size = message.bytes.size() - begin;
    if (frame.opcode == Opcode::close && size >= 2) {
        message.fields.push_back(
            {begin, 2, "close code", hexadecimal(message.bytes.substr(begin, 2)),
             words_of(websocket::close_of(payload.substr(0, 2))), "RFC 6455, 7.4"});
        if (size > 2) {
            message.fields.push_back({begin + 2, size - 2, "reason", beginning(payload.substr(2)),
                                      "for people", "RFC 6455, 5.5.1"});
        }
        return;
    }
    const std::string unmasked = frame.masking_key ? ", here without its mask" : "";
    message.fields.push_back({begin, size, "payload", beginning(payload),
                              count_of(payload.size(), "byte") + unmasked, "RFC 6455, 5.2"});
}

// Each byte of the payload as it came, the byte of the key for it, and what both make.
Table unmasking(std::string_view wire, const websocket::MaskingKey& key, std::string_view payload) {
    Table table{"The mask undone: byte XOR key (RFC 6455, 5.3)",
                {"on the wire", "key", "payload", "text"},
                {}};
    for (std::size_t i = 0; i < std::min({wire.size(), payload.size(), kUnmasked}); ++i) {
        const char key_byte = static_cast<char>(key[i % key.size()]);
        const bool ascii = payload[i] >= ' ' && payload[i] < 0x7F;
        table.rows.push_back(
            {hexadecimal(wire.substr(i, 1)), hexadecimal(std::string_view(&key_byte, 1)),
             hexadecimal(payload.substr(i, 1)), ascii ? std::string(payload.substr(i, 1)) : ""});
    }
    if (payload.size() > kUnmasked) table.caption += ", the first 32 bytes";
    return table;
}

}  // namespace

FrameFinder::FrameFinder(Side sender)
    : sender_(sender),
      parser_(sender == Side::client ? websocket::Role::client : websocket::Role::server,
              kMaxMessage) {
}

void FrameFinder::take(std::string_view bytes, Gathered& gathered, const Sink& sink) {
    while (!bytes.empty()) {
        if (unreadable_) {
            gathered.add(bytes);
            return sink(raw_message(sender_, gathered));
        }
        const std::string_view before = bytes;
        const auto result = parser_.parse(bytes);
        const std::string_view taken = before.substr(0, before.size() - bytes.size());
        gathered.add(taken);
        held_ += taken.size();
        if (result == MessageParser::Result::need_more) return;
        if (result == MessageParser::Result::bad) {
            gathered.add(bytes);
            unreadable_ = true;
            return sink(complain(gathered));
        }
        if (result == MessageParser::Result::message) held_ = 0;
        sink(explain(gathered));
    }
}

Message FrameFinder::explain(Gathered& gathered) const {
    const websocket::FrameHeader& frame = parser_.frame();
    const std::string header = parser_.header_bytes();
    const std::string_view payload = parser_.payload();
    Message message = gathered.take(sender_, "frame", websocket::name_of(frame.opcode) + " frame");
    if (!frame.fin) message.title += ", more to come";
    add_first_byte(message.fields, static_cast<unsigned char>(header[0]), frame.fin, frame.opcode);
    add_length(message.fields, header, frame.length);
    add_payload(message, header.size(), frame, payload);
    if (frame.opcode == Opcode::close) {
        message.title += ": " + words_of(websocket::close_of(payload));
    } else {
        message.text = beginning(payload);
    }
    if (frame.masking_key && !payload.empty()) {
        message.tables.push_back(unmasking(std::string_view(message.bytes).substr(header.size()),
                                           *frame.masking_key, payload));
    }
    add_utf8_table(message.tables, beginning(payload));
    return message;
}

Message FrameFinder::complain(Gathered& gathered) const {
    const std::string header = parser_.header_bytes();
    Message message = gathered.take(sender_, "frame", "a frame that breaks the rules");
    message.mark = Mark::bad;
    message.note = parser_.error().text;
    const std::size_t size = std::min(header.size(), message.bytes.size());
    message.fields.push_back(
        {0, size, "frame header", hexadecimal(header), parser_.error().text, "RFC 6455, 5"});
    if (message.bytes.size() > size) {
        message.fields.push_back({size, message.bytes.size() - size, "what follows",
                                  beginning(std::string_view(message.bytes).substr(size)),
                                  "nothing after it can be read", ""});
    }
    return message;
}

}  // namespace wire
