#include "06_sse/own_posts.hpp"

#include <charconv>
#include <utility>

#include "common/visible.hpp"

namespace sse {
namespace {

constexpr std::size_t kShown = 200;

// The number at the front of `text`, 0 if there is none.
std::uint64_t leading_number(std::string_view text) {
    std::uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

}  // namespace

void OwnPosts::add(std::string line) {
    size_waiting_ += line.size();
    waiting_.push_back(std::move(line));
}

std::optional<std::string> OwnPosts::next() {
    if (under_way_ || waiting_.empty()) return std::nullopt;
    under_way_ = std::move(waiting_.front());
    waiting_.pop_front();
    size_waiting_ -= under_way_->size();
    return under_way_;
}

std::string OwnPosts::answered(int status, std::string_view body) {
    const std::string line = std::exchange(under_way_, std::nullopt).value_or("");
    if (status == 202) {
        published_ = leading_number(body);
        return "";
    }
    const std::string why = lab::one_line(body.substr(0, body.find('\n')));
    return "not published: " + std::to_string(status) + (why.empty() ? "" : ", " + why) + ": " +
           lab::visible(line, kShown);
}

std::string OwnPosts::broke() {
    if (!under_way_) return "";
    const std::string line = *std::exchange(under_way_, std::nullopt);
    return "not known whether it was published: " + lab::visible(line, kShown);
}

void OwnPosts::put_back() {
    if (!under_way_) return;
    size_waiting_ += under_way_->size();
    waiting_.push_front(*std::exchange(under_way_, std::nullopt));
}

void OwnPosts::seen(std::string_view id) {
    if (const std::uint64_t number = leading_number(id)) seen_ = number;
}

void OwnPosts::seen(const Gap& gap) {
    // Another run of the server counts from the beginning: what we published in the earlier one
    // never comes back.
    if (gap.first == 0) published_ = 0;
    seen_ = gap.last;
}

bool OwnPosts::all_done() const {
    return !under_way_ && waiting_.empty() && seen_ >= published_;
}

std::deque<std::string> OwnPosts::give_up() {
    std::deque<std::string> words;
    for (const std::string& line : waiting_)
        words.push_back("not published: " + lab::visible(line, kShown));
    waiting_.clear();
    size_waiting_ = 0;
    return words;
}

}  // namespace sse
