#include "wire/dissect/datagrams.hpp"

#include <algorithm>

#include "03_udp/network_order.hpp"
#include "03_udp/programs.hpp"
#include "03_udp/stop_and_wait.hpp"
#include "04_handshake/frame_fields.hpp"
#include "wire/dissect/gathered.hpp"
#include "wire/dissect/text.hpp"

namespace wire {
namespace {

using udp::kProbeHeader;
constexpr std::size_t kReliableHeader = udp::StopAndWait::kHeader;
// This number of bytes tells one datagram from another.
constexpr std::size_t kMaxKey = 64;

Field number_field(std::string_view bytes, std::size_t at, const char* meaning) {
    return {at,
            4,
            "sequence number",
            websocket::hexadecimal(bytes.substr(at, 4)),
            std::to_string(udp::from_network_order(bytes.data() + at)) + meaning,
            "lesson 03"};
}

}  // namespace

DatagramDissector::Shape DatagramDissector::shape_of(std::string_view first) {
    // Both begin to count at 1.
    if (first.size() >= kReliableHeader && udp::from_network_order(first.data()) == 1)
        return Shape::reliable;
    const bool probe = first.size() >= kProbeHeader &&
                       udp::from_network_order(first.data() + 4) == 1 &&
                       first.find_first_not_of('x', kProbeHeader) == std::string_view::npos;
    return probe ? Shape::probe : Shape::line;
}

void DatagramDissector::take(Side sender, std::string_view bytes, Time time) {
    if (!shape_) shape_ = shape_of(bytes);
    Message message = explain(sender, bytes, time);
    remember(message, bytes);
    found(std::move(message));
}

Message DatagramDissector::explain(Side sender, std::string_view bytes, Time time) const {
    Gathered gathered;
    gathered.begin_segment(time);
    gathered.add(bytes);
    Message message = gathered.take(sender, "datagram", count_of(bytes.size(), "byte"));
    // A datagram of no bytes is a datagram.
    message.time = time;
    const std::string_view kept = message.bytes;
    std::size_t text = 0;
    if (shape_ == Shape::probe && bytes.size() >= kProbeHeader) {
        text = kProbeHeader;
        message.title = "probe " + std::to_string(udp::from_network_order(kept.data() + 4)) + ", " +
                        message.title;
        message.fields.push_back({0, 4, "session", websocket::hexadecimal(kept.substr(0, 4)),
                                  "random, the same in all of a run", "lesson 03"});
        message.fields.push_back(number_field(kept, 4, ""));
    } else if (shape_ == Shape::reliable && bytes.size() >= kReliableHeader) {
        text = kReliableHeader;
        message.title =
            "number " + std::to_string(udp::from_network_order(kept.data())) + ", " + message.title;
        message.fields.push_back(number_field(kept, 0, ": it comes back as the acknowledgement"));
    }
    if (shape_ != Shape::probe) message.text = beginning(kept.substr(text));
    if (text < kept.size()) {
        message.fields.push_back(
            {text, kept.size() - text, shape_ == Shape::probe ? "filling" : "text",
             beginning(kept.substr(text)), count_of(bytes.size() - text, "byte"), ""});
    }
    add_utf8_table(message.tables, message.text);
    return message;
}

// Says in the message whether it was sent before, or answers one.
void DatagramDissector::remember(Message& message, std::string_view bytes) {
    const std::string key =
        std::to_string(bytes.size()) + ":" + std::string(bytes.substr(0, kMaxKey));
    auto found = known_.find(key);
    if (message.sender == Side::client) {
        if (found == known_.end()) {
            if (known_.size() == kMaxKnown) known_.erase(known_.begin());
            found = known_.emplace(key, Known{message.time, message.time, 0, 0}).first;
        }
        Known& known = found->second;
        // The same line may be said twice; only a datagram with a number is the same one.
        if (++known.sent > 1 && shape_ != Shape::line) {
            message.mark = Mark::again;
            message.note = "sent for the " + std::to_string(known.sent) +
                           (known.sent == 2   ? "nd"
                            : known.sent == 3 ? "rd"
                                              : "th") +
                           " time";
            message.after = message.time - known.first;
        }
        known.last = message.time;
        return;
    }
    if (found == known_.end()) return;
    Known& known = found->second;
    message.after = message.time - known.last;
    ++known.echoed;
    if (shape_ != Shape::line && known.echoed > known.sent) {
        message.mark = Mark::again;
        message.note = "an echo of something that was answered already";
    } else {
        message.note = "an echo";
    }
}

std::size_t DatagramDissector::held() const {
    return known_.size() * (kMaxKey + sizeof(Known));
}

}  // namespace wire
