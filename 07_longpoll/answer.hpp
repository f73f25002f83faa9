// What the server answers, as the client reads it: out of JSON, with libwebsockets' parser.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace longpoll {

/// The number of a message: 1 for the first that a run of the server got. JSON's readers keep whole
/// numbers exactly up to 2^53: RFC 8259, section 6.
using Id = std::uint64_t;
inline constexpr Id kLastId = (Id{1} << 53) - 1;

/// A message as a client sees it.
struct Message {
    Id id = 0;
    std::string name, text;

    bool operator==(const Message&) const = default;
};

/// The answer to a GET.
struct Answer {
    std::vector<Message> messages;
    Id last = 0;        // what to ask after the next time
    bool gap = false;   // some that should stand here are gone
    std::string epoch;  // the run of the server
};

/// The answer to a POST.
struct Receipt {
    Id id = 0;
    std::string epoch;
};

/// Reads the body of an answer. Members that it does not know are passed over. Throws
/// std::runtime_error, which says what is wrong with it.
Answer parse_answer(std::string_view body);
Receipt parse_receipt(std::string_view body);

}  // namespace longpoll
