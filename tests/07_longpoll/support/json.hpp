// What 07_longpoll says in JSON, read strictly: the tests' own reader.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/report.hpp"

namespace lab::test::longpoll {

/// A message of the chat.
struct Message {
    std::uint64_t id = 0;
    std::string name, text;
    bool operator==(const Message&) const = default;
};

/// The answer to a GET for /messages.
struct News {
    std::vector<Message> messages;
    std::uint64_t last = 0;
    bool gap = false;
    std::string epoch;
};

/// The answer to a POST to /messages.
struct Receipt {
    std::uint64_t id = 0;
    std::string epoch;
};

/// Reads the JSON of an answer, whose keys are the members above, in any order and with white space
/// wherever RFC 8259 allows it. Other keys are passed over. Anything that is not JSON fails the
/// case, as a key does that is missing or comes twice.
News news_in(std::string_view json, const std::string& hint, Place place = Place::here());
Receipt receipt_in(std::string_view json, const std::string& hint, Place place = Place::here());

}  // namespace lab::test::longpoll
