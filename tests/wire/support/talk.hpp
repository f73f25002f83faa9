// A conversation of two programs, and the messages that are found in it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/visible.hpp"
#include "tests/support/pieces.hpp"
#include "wire/dissect/stream.hpp"

namespace lab::test {

/// What one side sends, in one segment.
using Said = std::pair<wire::Side, std::string>;
inline constexpr wire::Side kClient = wire::Side::client;
inline constexpr wire::Side kServer = wire::Side::server;

/// The messages in `talk`, each second of which begins a second later, in segments of `size` bytes.
inline std::vector<wire::Message> messages_in(const std::vector<Said>& talk,
                                              std::size_t size = 1'000'000) {
    std::vector<wire::Message> messages;
    wire::StreamDissector dissector(
        [&](wire::Message message) { messages.push_back(std::move(message)); });
    std::int64_t second = 0;
    for (const auto& [side, bytes] : talk) {
        const wire::Time time{std::chrono::seconds(second++)};
        for (const std::string_view piece : in_pieces(bytes, size))
            dissector.take(side, piece, time);
    }
    dissector.finish(kClient);
    dissector.finish(kServer);
    return messages;
}

/// A message in words: "→ kind: title "text" (note)".
inline std::string words(const wire::Message& message) {
    std::string text =
        (message.sender == kClient ? "→ " : "← ") + message.kind + ": " + message.title;
    if (!message.text.empty()) text += " \"" + message.text + "\"";
    if (!message.note.empty()) text += " (" + message.note + ")";
    return text;
}

/// The messages in words, a line for each.
inline std::string words(const std::vector<wire::Message>& messages) {
    std::string text;
    for (const wire::Message& message : messages) text += words(message) + "\n";
    return text;
}

/// The fields of a message: "begin-end name: value" in a line for each; the bytes that a field
/// stands for are its own.
inline std::string fields(const wire::Message& message) {
    std::string text;
    for (const wire::Field& field : message.fields) {
        text += std::to_string(field.begin) + "+" + std::to_string(field.size) + " " + field.name +
                ": " + lab::one_line(field.value) + "\n";
    }
    return text;
}

}  // namespace lab::test
