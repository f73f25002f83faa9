// A message that was found on the wire, and what each of its bytes means.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wire/capture_file/packet.hpp"

namespace wire {

/// The two ends of a connection: the client has begun it.
enum class Side { client, server };

/// Some bytes of a message.
struct Field {
    std::size_t begin = 0, size = 0;  // where in Message::bytes; a field of bits has size 1
    std::string name;                 // "opcode"
    std::string value;                // as it came, its bytes or its bits: ".... 0001"
    std::string meaning;              // "text"; empty: the value says it
    std::string source;               // "RFC 6455, 5.2"; empty: none
};

/// Something worked out, step by step.
struct Table {
    std::string caption;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

/// What became of a message on its way.
enum class Mark {
    none,
    again,       // it was sent before
    unanswered,  // a datagram whose echo does not come in this file
    bad,         // it breaks the rules of its protocol: `note` says which one
    gap,         // no message: bytes that the capture does not hold
};

/// One message. All text in it may come from a stranger: a report makes it visible before it shows
/// it.
struct Message {
    std::uint64_t connection = 0;  // from 1 on, in the order of the file
    Time time;                     // of its first byte
    Side sender = Side::client;
    std::string
        kind;  // "HTTP request", "RESP command", "frame", "event", "line", "datagram", "TCP"
    std::string title;       // in a few words: "GET /chat HTTP/1.1"
    std::string text = {};   // what people said in it, if there is such a thing
    std::uint64_t size = 0;  // of all its bytes on the wire
    std::string bytes = {};  // the first of them, at most kMaxKept
    std::size_t pieces = 1;  // TCP segments that it came in
    std::vector<Field> fields = {};
    std::vector<Table> tables = {};
    Mark mark = Mark::none;
    std::string note = {};
    // From the request, or from the first copy, until this came; none if nothing was asked.
    std::optional<std::chrono::nanoseconds> after = {};

    static constexpr std::size_t kMaxKept = 2048;
    static constexpr std::size_t kMaxText = 1024;
};

}  // namespace wire
