// Step 03: datagrams, their numbers and their echoes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "wire/dissect/dissector.hpp"

namespace wire {

/// Makes a message of each datagram. The first one of the client tells what it is: a numbered line
/// of `client --reliable`, a numbered probe, or a line. A datagram that is sent again, and an echo,
/// are known by their bytes.
class DatagramDissector : public Dissector {
 public:
    /// All that is known of the datagrams with certain bytes.
    struct Known {
        Time first, last;  // when the client sent them
        std::uint32_t sent = 0;
        std::uint32_t echoed = 0;
    };
    /// Datagrams that are remembered, to know their echoes.
    static constexpr std::size_t kMaxKnown = 4096;

    explicit DatagramDissector(Sink sink) : Dissector(std::move(sink)) {}
    void take(Side sender, std::string_view bytes, Time time) override;
    void gap(Side, Time) override {}
    void finish(Side) override {}
    [[nodiscard]] std::size_t held() const override;

 private:
    enum class Shape { line, probe, reliable };
    [[nodiscard]] static Shape shape_of(std::string_view first);
    [[nodiscard]] Message explain(Side sender, std::string_view bytes, Time time) const;
    void remember(Message& message, std::string_view bytes);

    std::optional<Shape> shape_;
    std::map<std::string, Known, std::less<>> known_;  // by the first bytes of a datagram
};

}  // namespace wire
