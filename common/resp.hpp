// RESP 2, the protocol that Redis and Valkey speak: replies out of bytes, commands into bytes. It
// knows no sockets. lessons/architectures.md shows it byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// One reply. A plain value.
struct RespValue {
    enum class Kind {
        simple,   // +OK: `text`
        error,    // -ERR why: `text`
        integer,  // :7: `integer`
        bulk,     // $5 and five bytes of any kind: `text`
        array,    // *2 and two values: `items`
        null,     // $-1 or *-1: there is nothing
    };
    Kind kind = Kind::null;
    std::string text{};
    std::int64_t integer = 0;
    std::vector<RespValue> items{};

    bool operator==(const RespValue&) const = default;
};

/// Appends a command to `bytes`: an array of bulk strings, its name and its arguments. Source:
/// Redis serialization protocol specification, "Sending commands to a Redis server".
void append_command(std::string& bytes, const std::vector<std::string_view>& words);

/// Finds replies in a stream that arrives in pieces of any size. The result does not depend on
/// where the bytes are cut. Source: Redis serialization protocol specification, RESP 2.
class RespParser {
 public:
    enum class Result {
        value,      // value() is whole: the input begins after it now
        need_more,  // all of the input was taken
        bad,        // error() says why: the stream cannot be read on
    };
    /// The most that one reply may be.
    struct Limits {
        std::size_t bytes = 64 * 1024;  // on the wire, all of it
        std::size_t values = 1024;  // in it, at all depths: each costs memory, even an empty one
        std::size_t depth = 8;      // arrays in arrays
    };

    explicit RespParser(Limits limits) : limits_(limits) {}

    /// Takes bytes from the front of `input`, at most to the end of one reply. Not to be called
    /// again after bad.
    Result parse(std::string_view& input);

    /// After Result::bad: one line.
    [[nodiscard]] const std::string& error() const { return error_; }
    /// After Result::value. The caller's to move away.
    [[nodiscard]] RespValue& value() { return value_; }

 private:
    struct Array {
        RespValue value;
        std::size_t missing;  // items that are still to come
    };
    Result take_line(std::string_view line);
    Result take_integer(std::string_view digits);
    Result begin_bulk(std::string_view digits);
    Result begin_array(std::string_view digits);
    Result take_value(RespValue value);
    Result fail(const std::string& why);

    const Limits limits_;
    std::size_t bytes_ = 0;      // of the reply that is coming, so far
    std::size_t values_ = 0;     // in it, those announced too
    std::vector<Array> arrays_;  // arrays of which a part has come, the outermost first
    std::string begun_;          // a line, or a bulk string, whose end has not come yet
    bool in_bulk_ = false;
    std::size_t bulk_size_ = 0;  // with its CR and LF
    RespValue value_;
    std::string error_;
};

}  // namespace lab
