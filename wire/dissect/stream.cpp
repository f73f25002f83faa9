#include "wire/dissect/stream.hpp"

#include <algorithm>
#include <optional>

#include "wire/dissect/gathered.hpp"
#include "wire/dissect/http.hpp"
#include "wire/dissect/lines.hpp"
#include "wire/dissect/resp.hpp"

namespace wire {
namespace {

/// Shows that there is TLS, and how much: what is in it is encrypted. Source: RFC 8446, section 5.
class TlsDissector : public Dissector {
 public:
    explicit TlsDissector(Sink sink) : Dissector(std::move(sink)) {}
    void take(Side sender, std::string_view bytes, Time time) override {
        Gathered gathered;
        gathered.begin_segment(time);
        gathered.add(bytes);
        Message message = raw_message(sender, gathered);
        message.kind = "TLS";
        message.title += ", encrypted";
        message.text.clear();
        found(std::move(message));
    }
    void gap(Side, Time) override {}
    void finish(Side) override {}
    [[nodiscard]] std::size_t held() const override { return 0; }
};

// Whether a stream of a client, or of a server, that begins with `bytes` is HTTP/1; none if that
// cannot be said yet.
std::optional<bool> is_http(Side sender, std::string_view bytes) {
    if (sender == Side::server) {
        constexpr std::string_view kVersion = "HTTP/1.";
        const std::size_t size = std::min(bytes.size(), kVersion.size());
        if (bytes.substr(0, size) != kVersion.substr(0, size)) return false;
        return size == kVersion.size() ? std::optional(true) : std::nullopt;
    }
    // METHOD SP target SP HTTP/1., with the longest target that common/http takes.
    const std::string_view line = bytes.substr(0, bytes.find_first_of("\r\n"));
    const std::string_view method = line.substr(0, line.find(' '));
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (method.size() > 20 || !std::ranges::all_of(method, is_capital)) return false;
    if (line.size() < bytes.size()) return line.find(" HTTP/1.") != std::string_view::npos;
    return line.size() > 8100 ? std::optional(false) : std::nullopt;
}

bool is_tls(std::string_view bytes) {
    return bytes.size() > 1 && bytes[0] == 0x16 && bytes[1] == 0x03;
}

}  // namespace

void StreamDissector::choose(Side sender, std::string_view bytes) {
    const std::optional<bool> http = is_http(sender, bytes);
    const std::optional<bool> resp = sender == Side::client ? is_resp(bytes) : false;
    if (!http || !resp) return;
    if (*http) {
        chosen_ = std::make_unique<HttpDissector>(sink());
    } else if (*resp) {
        chosen_ = std::make_unique<RespDissector>(sink());
    } else if (is_tls(bytes)) {
        chosen_ = std::make_unique<TlsDissector>(sink());
    } else {
        chosen_ = std::make_unique<LineDissector>(sink());
    }
}

void StreamDissector::take(Side sender, std::string_view bytes, Time time) {
    if (chosen_) return chosen_->take(sender, bytes, time);
    const auto side = static_cast<std::size_t>(sender);
    if (undecided_[side].empty()) times_[side] = time;
    undecided_[side] += bytes;
    choose(sender, undecided_[side]);
    if (!chosen_) return;
    for (const Side each : {Side::client, Side::server}) {
        const auto i = static_cast<std::size_t>(each);
        if (!undecided_[i].empty())
            chosen_->take(each, std::exchange(undecided_[i], {}), times_[i]);
    }
}

// A gap in bytes that no protocol has claimed yet: they are lines, or nothing.
void StreamDissector::gap(Side sender, Time time) {
    finish(sender);
    if (chosen_) chosen_->gap(sender, time);
}

void StreamDissector::finish(Side sender) {
    const auto side = static_cast<std::size_t>(sender);
    if (!chosen_ && !undecided_[side].empty()) {
        chosen_ = std::make_unique<LineDissector>(sink());
        take(sender, std::exchange(undecided_[side], {}), times_[side]);
        const std::size_t other = 1 - side;
        if (!undecided_[other].empty()) {
            take(Side{static_cast<int>(other)}, std::exchange(undecided_[other], {}),
                 times_[other]);
        }
    }
    if (chosen_) chosen_->finish(sender);
}

std::size_t StreamDissector::held() const {
    return undecided_[0].size() + undecided_[1].size() + (chosen_ ? chosen_->held() : 0);
}

}  // namespace wire
