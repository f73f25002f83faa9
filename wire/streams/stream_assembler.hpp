// The bytes of one direction of a TCP connection, put in order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "wire/streams/segment.hpp"

namespace wire {

/// A part of a stream, in the stream's order.
struct StreamPiece {
    enum class Kind {
        bytes,  // that the reader of the stream got
        gap,    // `size` bytes that the capture does not hold
        again,  // `size` bytes that had been sent before: a retransmission
        late,   // `size` bytes that came before what stands in front of them; they are told later
        end,    // of the stream: FIN
    };
    Kind kind;
    std::uint64_t size = 0;
    std::string bytes = {};
};

/// Puts segments in order as a receiver does: by their sequence numbers, which wrap at 2^32. Of
/// bytes that come twice the first copy counts. Keeps at most `max_waiting` bytes of segments that
/// came too early; then, or at the end of the file, the bytes before them are a gap. It knows no
/// sockets. Source: RFC 9293, sections 3.4 and 3.10.7.4.
class StreamAssembler {
 public:
    static constexpr std::size_t kMaxWaiting = 256 * 1024;
    static constexpr std::size_t kMaxSegments = 4096;

    StreamAssembler() = default;
    explicit StreamAssembler(std::size_t max_waiting) : max_waiting_(max_waiting) {}

    /// Takes the next segment of this direction as it stands in the capture.
    std::vector<StreamPiece> take(const Segment& segment);
    /// Nothing more will come: what waits for a gap to be filled.
    std::vector<StreamPiece> finish();

    /// Whether a segment has come at all.
    [[nodiscard]] bool started() const { return started_; }
    [[nodiscard]] bool ended() const { return ended_; }
    /// The sequence number of the first byte.
    [[nodiscard]] std::uint32_t first() const { return first_; }
    /// Bytes that wait.
    [[nodiscard]] std::size_t held() const { return waiting_size_; }

 private:
    using Position = std::int64_t;  // in the stream: bytes since its beginning
    [[nodiscard]] Position position_of(std::uint32_t sequence) const;
    void append(std::string_view bytes, std::vector<StreamPiece>& out);
    void keep(Position begin, std::string_view bytes);
    void append_waiting(std::vector<StreamPiece>& out);
    void skip_to(Position position, std::vector<StreamPiece>& out);

    std::size_t max_waiting_ = kMaxWaiting;
    bool started_ = false;
    bool ended_ = false;
    std::uint32_t first_ = 0;
    Position next_ = 0;  // of the byte that the receiver waits for
    Position end_ = -1;  // where a FIN stands; -1: none has come
    std::map<Position, std::string> waiting_;
    std::size_t waiting_size_ = 0;
};

}  // namespace wire
