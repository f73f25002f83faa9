#include "04_handshake/frame_fields.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include "common/visible.hpp"

namespace websocket {
namespace {

constexpr std::size_t kShownPayload = 32;
// The bounds of a FrameLog.
constexpr std::size_t kMaxPages = 64;
constexpr std::size_t kMaxFrames = 32;
constexpr std::size_t kMaxName = 36;

std::string meaning_of_length(const FrameHeader& header) {
    const std::string masked = header.masking_key ? "masked, " : "not masked, ";
    if (header.length > 0xFFFF) return masked + "127: in 8 bytes";
    if (header.length > 125) return masked + "126: in 2 bytes";
    return masked + std::to_string(header.length);
}

std::string meaning_of_payload(Opcode opcode, std::string_view payload) {
    if (opcode != Opcode::close) return lab::visible(payload);
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(payload[i]); };
    return payload.size() < 2
               ? ""
               : std::to_string(byte(0) << 8 | byte(1)) + " " + lab::visible(payload.substr(2));
}

}  // namespace

std::string hexadecimal(std::string_view bytes, std::string_view separator) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const char byte : bytes) {
        if (!text.empty()) text += separator;
        text += kDigits[static_cast<std::uint8_t>(byte) >> 4];
        text += kDigits[static_cast<std::uint8_t>(byte) & 0xF];
    }
    return text;
}

std::string name_of(Opcode opcode) {
    switch (opcode) {
        case Opcode::continuation:
            return "continuation";
        case Opcode::text:
            return "text";
        case Opcode::binary:
            return "binary";
        case Opcode::close:
            return "close";
        case Opcode::ping:
            return "ping";
        case Opcode::pong:
            return "pong";
    }
    return "?";
}

std::vector<FrameField> fields_of(const FrameHeader& header, std::string_view payload) {
    const std::string bytes = encode(header);
    const std::string_view rest = std::string_view(bytes).substr(2);
    const std::size_t key_size = header.masking_key ? header.masking_key->size() : 0;
    const std::size_t extended = rest.size() - key_size;
    std::vector<FrameField> fields{
        {"FIN, opcode", hexadecimal(bytes.substr(0, 1)),
         (header.fin ? "last, " : "more to come, ") + name_of(header.opcode)},
        {"MASK, length", hexadecimal(bytes.substr(1, 1)), meaning_of_length(header)}};
    if (extended > 0) {
        fields.push_back({"extended length", hexadecimal(rest.substr(0, extended)),
                          std::to_string(header.length)});
    }
    if (header.masking_key)
        fields.push_back({"masking key", hexadecimal(rest.substr(extended)), ""});
    if (payload.empty()) return fields;

    std::string shown(payload.substr(0, kShownPayload));
    if (header.masking_key) mask(shown.data(), shown.size(), *header.masking_key);
    fields.push_back({"payload", hexadecimal(shown) + (payload.size() > shown.size() ? " …" : ""),
                      meaning_of_payload(header.opcode, payload)});
    return fields;
}

std::string table(const std::vector<FrameField>& fields) {
    std::array<std::string, 3> lines;
    for (const FrameField& field : fields) {
        const std::array<const std::string*, 3> cells{&field.name, &field.hex, &field.meaning};
        // Only the payload, the last column, may hold what is not ASCII: bytes are columns here.
        std::size_t width = 0;
        for (const std::string* cell : cells) width = std::max(width, cell->size());
        for (std::size_t i = 0; i < lines.size(); ++i)
            lines[i] += *cells[i] + std::string(width + 2 - cells[i]->size(), ' ');
    }
    std::string text;
    for (const std::string& line : lines)
        text += "\n    " + line.substr(0, line.find_last_not_of(' ') + 1);
    return text;
}

std::string json(const std::vector<FrameField>& fields) {
    std::string text;
    for (const FrameField& field : fields) {
        // Our own names, and hex: nothing here needs escaping.
        text += text.empty() ? "[" : ",";
        text += R"([")" + field.name + R"(",")" + field.hex + R"("])";
    }
    return text + "]";
}

void FrameLog::add(std::string_view page, std::string frame) {
    auto found = std::ranges::find(pages_, page, &Page::name);
    if (found == pages_.end()) {
        if (pages_.size() == kMaxPages) pages_.pop_front();
        found = pages_.insert(pages_.end(), Page{std::string(page), 0, {}});
    }
    found->frames.push_back(std::move(frame));
    if (found->frames.size() > kMaxFrames) {
        found->frames.pop_front();
        ++found->first;
    }
}

std::string FrameLog::json(std::string_view page) const {
    const auto found = std::ranges::find(pages_, page, &Page::name);
    if (found == pages_.end()) return R"({"first":0,"frames":[]})";
    std::string frames;
    for (const std::string& frame : found->frames) frames += (frames.empty() ? "" : ",") + frame;
    return R"({"first":)" + std::to_string(found->first) + R"(,"frames":[)" + frames + "]}";
}

std::string FrameLog::page_of(const http::Target& target) {
    std::string name = target.argument("page").value_or("");
    const auto is_plain = [](unsigned char byte) { return std::isalnum(byte) != 0; };
    return name.size() <= kMaxName && std::ranges::all_of(name, is_plain) ? name : "";
}

}  // namespace websocket
