// What a server of 05, 06 or 07 and its broker say: RESP, the protocol of Redis and Valkey.
#pragma once

#include <array>
#include <optional>

#include "common/resp.hpp"
#include "wire/dissect/dissector.hpp"
#include "wire/dissect/gathered.hpp"

namespace wire {

/// Whether a stream of a client that begins with `bytes` is RESP: an array of strings; none if that
/// cannot be said yet.
std::optional<bool> is_resp(std::string_view bytes);

/// Finds commands and replies, with the parser of common/resp.hpp. After an error, or a gap, what
/// comes is shown as it came: a message for each segment. Source: Redis serialization protocol
/// specification, RESP 2.
class RespDissector : public Dissector {
 public:
    explicit RespDissector(Sink sink) : Dissector(std::move(sink)) {}
    void take(Side sender, std::string_view bytes, Time time) override;
    void gap(Side sender, Time time) override;
    void finish(Side sender) override;
    [[nodiscard]] std::size_t held() const override;

 private:
    static constexpr lab::RespParser::Limits kLimits{
        .bytes = 16 * 1024 * 1024, .values = 10'000, .depth = 8};
    struct Direction {
        lab::RespParser parser{kLimits};
        Gathered gathered;
        bool raw = false;  // it cannot be read on
    };
    void tell(Side sender, Direction& direction);
    void tell_raw(Side sender, Direction& direction, const std::string& why);

    std::array<Direction, 2> directions_;
};

}  // namespace wire
