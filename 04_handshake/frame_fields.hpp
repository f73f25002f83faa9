// A frame made visible: its bytes in hex under the names of their fields, for --trace and for the
// page: no browser shows a page the frames of its connection.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "04_handshake/frame.hpp"
#include "common/http/target.hpp"

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

/// Keeps the last frames of each connection of a page. A page makes up a name for itself, connects
/// to "/?page=NAME", and asks for "/frames?page=NAME" later. Bounded: 64 pages of 32 frames, the
/// oldest are forgotten.
class FrameLog {
 public:
    /// Remembers a frame, as JSON, of the connection of `page`.
    void add(std::string_view page, std::string frame);

    /// A JSON object: the number of the first of its frames that is still known, from 0, and those.
    [[nodiscard]] std::string json(std::string_view page) const;

    /// NAME if the query of `target` is "page=NAME", where NAME has 1 to 36 letters and digits; or
    /// else empty.
    static std::string page_of(const http::Target& target);

 private:
    struct Page {
        std::string name;
        std::size_t first = 0;
        std::deque<std::string> frames;
    };
    std::deque<Page> pages_;
};

}  // namespace websocket
