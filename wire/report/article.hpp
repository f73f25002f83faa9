// The part of a page that explains one message byte by byte.
#pragma once

#include <cstddef>
#include <string>

#include "wire/dissect/message.hpp"
#include "wire/report/recording.hpp"
#include "wire/report/words.hpp"

namespace wire {

/// `text` from a capture as markup: it is no part of the sentence around it, in whatever direction
/// it is written. Source: HTML, the bdi element.
std::string foreign(const std::string& text);

/// The classes of a message, for the style sheet: its sender, and its mark if it has one.
std::string classes_of(const Message& message);

/// The article of the message with this number on the page: facts, bytes, fields, tables. `time` is
/// shown as it is; empty: none.
std::string article(const Message& message, std::size_t number, const Lanes& lanes,
                    const std::string& time, const Style& style);

}  // namespace wire
