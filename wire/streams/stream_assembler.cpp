#include "wire/streams/stream_assembler.hpp"

#include <algorithm>

namespace wire {
namespace {

// The largest window of TCP: what lies further off belongs to another connection, or is a lie.
// Source: RFC 7323, section 2.3.
constexpr std::int64_t kMaxWindow = std::int64_t{1} << 30;

using Kind = StreamPiece::Kind;

}  // namespace

std::vector<StreamPiece> StreamAssembler::take(const Segment& segment) {
    std::vector<StreamPiece> out;
    if (!started_) {
        started_ = true;
        first_ = segment.sequence + (segment.syn ? 1 : 0);
    }
    std::string_view bytes = segment.payload;
    Position begin = position_of(segment.sequence) + (segment.syn ? 1 : 0);
    const auto size = static_cast<Position>(bytes.size() + segment.missing);
    if (begin < next_ - kMaxWindow || begin > next_ + kMaxWindow) return out;
    if (segment.fin && end_ < 0) end_ = begin + size;

    // A probe of keep-alive repeats the last byte, or none: RFC 9293, section 3.8.4.
    const bool probe = size <= 1 && begin == next_ - 1;
    const Position repeated = std::clamp<Position>(next_ - begin, 0, size);
    if (repeated > 0 && !probe) out.push_back({Kind::again, static_cast<std::uint64_t>(repeated)});
    bytes.remove_prefix(std::min(bytes.size(), static_cast<std::size_t>(repeated)));
    begin += repeated;
    if (begin > next_ && !bytes.empty()) {
        out.push_back({Kind::late, bytes.size()});
        keep(begin, bytes);
    } else if (!bytes.empty()) {
        append(bytes, out);
    }
    const Position end = begin + size - repeated;
    if (segment.missing > 0 && begin <= next_ && end > next_) skip_to(end, out);
    append_waiting(out);
    while (waiting_size_ > max_waiting_ || waiting_.size() > kMaxSegments) {
        skip_to(waiting_.begin()->first, out);
        append_waiting(out);
    }
    return out;
}

std::vector<StreamPiece> StreamAssembler::finish() {
    std::vector<StreamPiece> out;
    while (!waiting_.empty()) {
        skip_to(waiting_.begin()->first, out);
        append_waiting(out);
    }
    return out;
}

// The nearest position to the one that is waited for: so the numbers may wrap.
StreamAssembler::Position StreamAssembler::position_of(std::uint32_t sequence) const {
    const auto waited_for = static_cast<std::uint32_t>(first_ + static_cast<std::uint64_t>(next_));
    return next_ + static_cast<std::int32_t>(sequence - waited_for);
}

void StreamAssembler::append(std::string_view bytes, std::vector<StreamPiece>& out) {
    // Nothing follows a FIN.
    if (ended_) return;
    next_ += static_cast<Position>(bytes.size());
    if (!out.empty() && out.back().kind == Kind::bytes) {
        out.back().bytes += bytes;
        out.back().size += bytes.size();
    } else {
        out.push_back({Kind::bytes, bytes.size(), std::string(bytes)});
    }
}

void StreamAssembler::keep(Position begin, std::string_view bytes) {
    std::string& kept = waiting_[begin];
    if (kept.size() >= bytes.size()) return;
    waiting_size_ += bytes.size() - kept.size();
    // The first copy counts.
    kept += bytes.substr(kept.size());
}

// Hands out what waits and follows now, and the end if it is reached.
void StreamAssembler::append_waiting(std::vector<StreamPiece>& out) {
    while (!waiting_.empty() && waiting_.begin()->first <= next_) {
        const auto first = waiting_.begin();
        const auto known = static_cast<std::size_t>(next_ - first->first);
        waiting_size_ -= first->second.size();
        if (known < first->second.size())
            append(std::string_view(first->second).substr(known), out);
        waiting_.erase(first);
    }
    if (end_ < 0 || next_ < end_ || ended_) return;
    ended_ = true;
    out.push_back({Kind::end});
}

void StreamAssembler::skip_to(Position position, std::vector<StreamPiece>& out) {
    if (position <= next_) return;
    out.push_back({Kind::gap, static_cast<std::uint64_t>(position - next_)});
    next_ = position;
}

}  // namespace wire
