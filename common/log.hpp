// What a program says on stderr: its log, and with --trace every message that went over the wire.
#pragma once

#include <string>
#include <string_view>

namespace lab {

/// Writes `line`, its control characters made visible, and a line end to stderr in one piece, so
/// that lines of several threads never mix.
void log(const std::string& line);

/// Tells what goes over the wire when --trace asks for it. Any thread may call its members.
class Trace {
 public:
    /// Silent unless `on`.
    explicit Trace(bool on) : on_(on) {}

    /// Logs `bytes` that were sent to, or received from, `peer` ("127.0.0.1:40000"), as
    /// `→ 127.0.0.1:40000  6 bytes  "hello\n"`: the first 64 bytes of it.
    void sent(std::string_view peer, std::string_view bytes) const;
    void received(std::string_view peer, std::string_view bytes) const;
    /// The same for bytes that are lines, such as the head of an HTTP message: one under the other.
    void sent_lines(std::string_view peer, std::string_view bytes) const;
    void received_lines(std::string_view peer, std::string_view bytes) const;
    /// Logs the end of a stream, ours or the peer's.
    void sent_end(std::string_view peer) const;
    void received_end(std::string_view peer) const;

    /// Whether it logs at all: for callers that would have to gather the bytes first.
    [[nodiscard]] bool on() const { return on_; }

 private:
    bool on_;
};

}  // namespace lab
