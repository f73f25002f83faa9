#include "06_sse/feed.hpp"

#include <algorithm>
#include <charconv>

#include "06_sse/event_stream.hpp"
#include "common/number.hpp"

namespace sse {
namespace {

std::string gap_of(std::uint64_t first, std::uint64_t last) {
    std::string data = "{\"first\":";
    data.append(std::to_string(first)).append(",\"last\":");
    data.append(std::to_string(last)).append("}");
    std::string lines;
    write_event(lines, "", "gap", data);
    return lines;
}

// The number behind `name` in an object of JSON.
std::optional<std::uint64_t> number_of(std::string_view name, std::string_view object) {
    const std::string key = std::string("\"").append(name).append("\":");
    const std::size_t at = object.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view rest = object.substr(at + key.size());
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc()) return std::nullopt;
    return number;
}

}  // namespace

std::optional<Gap> parse_gap(std::string_view data) {
    const auto first = number_of("first", data);
    const auto last = number_of("last", data);
    if (!first || !last) return std::nullopt;
    return Gap{*first, *last};
}

std::string words_of(const Gap& gap) {
    const std::string last = std::to_string(gap.last);
    std::string words = "a gap: ";
    if (gap.first == 0) {
        words += "the server has never given the id that we had: it has restarted";
        return gap.last == 0
                   ? words
                   : words.append(", and its events up to ").append(last).append(" are gone");
    }
    if (gap.first == gap.last) return words.append("event ").append(last).append(" is gone");
    words.append("events ").append(std::to_string(gap.first));
    return words.append(" to ").append(last).append(" are gone");
}

std::uint64_t Feed::publish(std::string_view type, std::string_view data) {
    events_.push_back(end());
    ++last_id_;
    std::string lines;
    write_event(lines, id_of(last_id_), type, data);
    log_.append(lines);
    while (!events_.empty() &&
           (events_.size() > history_.events || end() - events_.front() > history_.bytes))
        events_.pop_front();
    return last_id_;
}

void Feed::skip_to(std::uint64_t last) {
    tell_gap(last_id_ + 1, last);
}

void Feed::restart(const std::string& epoch) {
    suffix_ = epoch.empty() ? "" : "-" + epoch;
    tell_gap(0, 0);
}

void Feed::tell_gap(std::uint64_t first, std::uint64_t last) {
    events_.clear();
    log_.append(gap_of(first, last));
    last_id_ = last;
}

void Feed::tell_retry(std::chrono::milliseconds wait) {
    log_.append("retry: " + std::to_string(wait.count()) + "\n\n");
}

// None if it was never given here. The beginning, before every event, is 0 in each epoch.
std::optional<std::uint64_t> Feed::number_in_id(std::string_view id) const {
    if (id == "0") return 0;
    if (!id.ends_with(suffix_)) return std::nullopt;
    const auto number = lab::number_in<std::uint64_t>(id.substr(0, id.size() - suffix_.size()));
    return suffix_.empty() && number > last_id_ ? std::nullopt : number;
}

Feed::Beginning Feed::beginning(std::optional<std::string_view> last_event_id) const {
    if (!last_event_id || last_event_id->empty()) return {end(), ""};
    const auto seen = number_in_id(*last_event_id);
    const Position oldest = events_.empty() ? end() : events_.front();
    if (!seen) return {oldest, gap_of(0, first_kept() - 1)};
    if (*seen >= last_id_) return {end(), "", *seen > last_id_};
    const std::uint64_t next = *seen + 1;
    if (next < first_kept()) return {oldest, gap_of(next, first_kept() - 1)};
    return {events_[static_cast<std::size_t>(next - first_kept())], ""};
}

void Feed::forget(Position position) {
    log_.forget(events_.empty() ? position : std::min(position, events_.front()));
}

}  // namespace sse
