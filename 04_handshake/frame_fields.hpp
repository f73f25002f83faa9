// A frame made visible: its bytes in hex under the names of their fields, for --trace and the page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "04_handshake/frame.hpp"

namespace websocket {

/// One field of a frame.
struct FrameField {
    std::string name;     // "MASK, length"
    std::string hex;      // the bytes on the wire: "85"
    std::string meaning;  // "masked, 5"
};

/// `bytes` in hexadecimal, two digits each, with `separator` between.
std::string hexadecimal(std::string_view bytes, std::string_view separator = " ");

/// The fields of the frame that has `header` and, unmasked, `payload`, in the order of the wire. Of
/// the payload the first 32 bytes are shown, as they are on the wire. Source: RFC 6455, section
/// 5.2.
std::vector<FrameField> fields_of(const FrameHeader& header, std::string_view payload);

/// The fields in columns of three lines: names, bytes, meanings.
std::string table(const std::vector<FrameField>& fields);

/// The fields as a JSON array of [name, hex], for the page.
std::string json(const std::vector<FrameField>& fields);

/// "text", "close", ...
std::string name_of(Opcode opcode);

}  // namespace websocket
