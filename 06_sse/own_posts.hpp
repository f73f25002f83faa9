// The client's own lines: which are published, and how far they have come back. It knows no
// sockets.
#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "06_sse/feed.hpp"
#include "common/visible.hpp"

namespace sse {

/// Lines that wait to be published, one that is under way, and how far those that were published
/// have come back.
class OwnPosts {
 public:
    /// A line to be published, without its end.
    void add(std::string line) {
        size_waiting_ += line.size();
        waiting_.push_back(std::move(line));
    }
    /// The next line to be published, which is then under way; none if there is none, or if an
    /// earlier one is still under way.
    std::optional<std::string> next() {
        if (under_way_ || waiting_.empty()) return std::nullopt;
        under_way_ = std::move(waiting_.front());
        waiting_.pop_front();
        size_waiting_ -= under_way_->size();
        return under_way_;
    }
    /// The server has answered the one under way. Returns what is to be told of it; empty: it was
    /// published.
    [[nodiscard]] std::string answered(int status, std::string_view body) {
        const std::string line = std::exchange(under_way_, std::nullopt).value_or("");
        if (status == 202) {
            published_ = leading_number(body);
            return "";
        }
        const std::string why = lab::one_line(body.substr(0, body.find('\n')));
        return "not published: " + std::to_string(status) + (why.empty() ? "" : ", " + why) + ": " +
               lab::visible(line, kShown);
    }
    /// The connection broke before the answer came. Returns what is to be told; empty: nothing was
    /// under way.
    [[nodiscard]] std::string broke() {
        if (!under_way_) return "";
        const std::string line = *std::exchange(under_way_, std::nullopt);
        return "not known whether it was published: " + lab::visible(line, kShown);
    }

    /// The server has done nothing with the one under way: it is the next again.
    void put_back() {
        if (!under_way_) return;
        size_waiting_ += under_way_->size();
        waiting_.push_front(*std::exchange(under_way_, std::nullopt));
    }

    /// An event with this id has come.
    void seen(std::string_view id) {
        if (const std::uint64_t number = leading_number(id)) seen_ = number;
    }
    /// The server has told that events are missing.
    void seen(const Gap& gap) {
        // Another run of the server counts from the beginning: what we published in the earlier one
        // never comes back.
        if (gap.first == 0) published_ = 0;
        seen_ = gap.last;
    }

    [[nodiscard]] bool under_way() const { return under_way_.has_value(); }
    [[nodiscard]] bool waiting() const { return !waiting_.empty(); }
    /// In bytes: who reads the input has to bound it.
    [[nodiscard]] std::size_t size_waiting() const { return size_waiting_; }
    /// Whether everything was answered, and all that was published has come back.
    [[nodiscard]] bool all_done() const {
        return !under_way_ && waiting_.empty() && seen_ >= published_;
    }
    /// Takes out what was never sent, and tells it line by line.
    [[nodiscard]] std::deque<std::string> give_up() {
        std::deque<std::string> words;
        for (const std::string& line : waiting_)
            words.push_back("not published: " + lab::visible(line, kShown));
        waiting_.clear();
        size_waiting_ = 0;
        return words;
    }

 private:
    static constexpr std::size_t kShown = 200;

    // The number at the front of `text`, 0 if there is none.
    static std::uint64_t leading_number(std::string_view text) {
        std::uint64_t number = 0;
        std::from_chars(text.data(), text.data() + text.size(), number);
        return number;
    }

    std::deque<std::string> waiting_;
    std::size_t size_waiting_ = 0;
    std::optional<std::string> under_way_;
    std::uint64_t published_ = 0;  // the id of our last one
    std::uint64_t seen_ = 0;       // the id of the last event on the stream
};

}  // namespace sse
