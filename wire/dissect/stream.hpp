// Which protocol a TCP connection carries, and its messages.
#pragma once

#include <array>
#include <memory>

#include "wire/dissect/dissector.hpp"

namespace wire {

/// Looks at the first bytes of a connection, and gives all of them to the dissector of their
/// protocol: HTTP, RESP, TLS (which nobody can read here), else lines.
class StreamDissector : public Dissector {
 public:
    explicit StreamDissector(Sink sink) : Dissector(std::move(sink)) {}
    void take(Side sender, std::string_view bytes, Time time) override;
    void gap(Side sender, Time time) override;
    void finish(Side sender) override;
    [[nodiscard]] std::size_t held() const override;

 private:
    void choose(Side sender, std::string_view bytes);

    std::unique_ptr<Dissector> chosen_;
    std::array<std::string, 2> undecided_;  // bytes that could still be of several protocols
    std::array<Time, 2> times_;             // of the first of them
};

}  // namespace wire
