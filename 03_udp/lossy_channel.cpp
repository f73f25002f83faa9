#include "03_udp/lossy_channel.hpp"

#include <algorithm>
#include <cstdio>

namespace udp {
namespace {

using std::chrono::microseconds;

constexpr double kDraws = 4294967296.0;  // 2^32: std::mt19937 gives any whole number below it

std::string milliseconds_of(microseconds time) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(time.count()) / 1000);
    return text.data();
}

}  // namespace

bool Faults::any() const {
    return loss > 0 || duplicate > 0 || reorder > 0 || delay.count() > 0 || jitter.count() > 0;
}

std::string describe(const Fate& fate) {
    if (fate.lost) return "lost";
    if (fate.no_room) return "dropped: the queue is full";
    std::string words = fate.held_back ? "held back, then sent" : "sent";
    if (fate.twice) words += " twice";
    const auto [first, second] = fate.delays;
    if (first.count() == 0 && second.count() == 0) return words;
    return words + " after " + milliseconds_of(first) +
           (fate.twice ? " and " + milliseconds_of(second) : "") + " ms";
}

LossyChannel::LossyChannel(const Faults& faults, std::size_t limit)
    : faults_(faults), limit_(limit), random_(faults.seed) {
}

Fate LossyChannel::decide() {
    // The standard says which numbers mt19937 draws, but not what its distributions make of them:
    // those differ from library to library. And always five draws, needed or not: so the next
    // datagram's fate does not depend on this one's, nor on which faults are switched on.
    const auto happens = [this](double probability) {
        return static_cast<double>(random_()) / kDraws < probability;
    };
    const auto delay = [this] {
        const auto most = static_cast<std::uint64_t>(microseconds(faults_.jitter).count());
        return faults_.delay + microseconds((random_() * most) >> 32);
    };
    Fate fate;
    fate.lost = happens(faults_.loss);
    fate.twice = happens(faults_.duplicate);
    fate.held_back = happens(faults_.reorder);
    fate.delays[0] = delay();
    fate.delays[1] = delay();
    if (fate.lost) return fate;
    // One at a time is held back, and the next one overtakes it. That rule looks at the datagrams
    // only, not at whether the held one has left meanwhile: so the time decides nothing.
    if (next_overtakes_) fate.held_back = false;
    next_overtakes_ = fate.held_back;
    return fate;
}

Fate LossyChannel::put(std::string_view destination, std::string_view bytes, Time now) {
    Fate fate = decide();
    if (fate.lost) return fate;
    const std::size_t copies = fate.twice ? 2 : 1;
    const std::size_t cost = copies * (bytes.size() + kOverhead);
    fate.no_room = cost > limit_ - waiting_;
    if (fate.no_room) return fate;

    waiting_ += cost;
    if (fate.held_back) held_.clear();
    for (std::size_t i = 0; i < copies; ++i) {
        const Time due = now + fate.delays[i] + (fate.held_back ? kMaxHold : microseconds(0));
        const auto place =
            queue_.emplace(due, Datagram{std::string(destination), std::string(bytes)});
        if (fate.held_back) held_.push_back(place);
    }
    if (!fate.held_back)
        release(now + (fate.twice ? std::min(fate.delays[0], fate.delays[1]) : fate.delays[0]));
    return fate;
}

// Lets what is held back leave right after `overtaken`, when the one that overtakes it leaves, but
// neither before its own delay has passed nor later than it would anyway.
void LossyChannel::release(Time overtaken) {
    for (const Queue::iterator place : held_) {
        auto datagram = queue_.extract(place);
        const Time latest = datagram.key();
        datagram.key() = std::clamp(overtaken, latest - kMaxHold, latest);
        queue_.insert(std::move(datagram));
    }
    held_.clear();
}

std::optional<LossyChannel::Datagram> LossyChannel::take(Time now) {
    const auto first = queue_.begin();
    if (first == queue_.end() || first->first > now) return std::nullopt;
    std::erase(held_, first);
    Datagram datagram = std::move(first->second);
    queue_.erase(first);
    waiting_ -= datagram.bytes.size() + kOverhead;
    return datagram;
}

std::optional<LossyChannel::Time> LossyChannel::next_due() const {
    if (queue_.empty()) return std::nullopt;
    return queue_.begin()->first;
}

}  // namespace udp
