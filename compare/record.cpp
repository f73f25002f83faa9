#include "compare/record.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "common/visible.hpp"

namespace compare {
namespace {

constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz";

std::string name_of(std::size_t who) {
    return "participant " + std::to_string(who);
}

}  // namespace

// A number, then letters that go on from it: a text that is cut or mixed with another is seen.
std::string text_of(std::size_t number, std::size_t size) {
    std::string text = std::to_string(number) + "n";
    for (std::size_t at = number % kLetters.size(); text.size() < size; at = 0)
        text += kLetters.substr(at, size - text.size());
    return text;
}

std::size_t Record::add() {
    there_.push_back(false);
    states_.emplace_back(said_.size(), State::not_for_it);
    latest_.emplace_back();
    return there_.size() - 1;
}

bool Record::concerns(std::size_t who, std::size_t writer) const {
    if (audience_ == Audience::everyone) return true;
    return (who == writer) == (audience_ == Audience::oneself);
}

std::string Record::say(std::size_t who, Time due) {
    said_.push_back({who, due});
    for (std::size_t i = 0; i < states_.size(); ++i) {
        State state = State::not_for_it;
        if (concerns(i, who)) state = there_[i] ? State::expected : State::missed;
        states_[i].push_back(state);
        if (state == State::expected) ++outstanding_;
    }
    return text_of(said_.size() - 1, size_);
}

void Record::hear(std::size_t who, std::string_view text, Time when) {
    const std::string heard = name_of(who) + " heard " + lab::visible(text, 40);
    std::size_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc() || number >= said_.size() || text != text_of(number, size_))
        throw std::runtime_error(heard + ", which nobody has said");
    State& state = states_[who][number];
    if (state == State::heard) throw std::runtime_error(heard + " twice");
    if (state == State::not_for_it) throw std::runtime_error(heard + ", which is not for it");
    const auto [latest, first] = latest_[who].try_emplace(said_[number].writer, number);
    if (!first && latest->second > number)
        throw std::runtime_error(heard + " after a later one of the same writer");
    latest->second = number;
    if (std::exchange(state, State::heard) == State::missed) return;
    --outstanding_;
    ++heard_;
    delays_.push_back(std::chrono::duration<double, std::milli>(when - said_[number].due).count());
}

std::size_t Record::missed(std::size_t who, std::size_t begin, std::size_t end) const {
    const auto& states = states_[who];
    return static_cast<std::size_t>(std::count(states.begin() + static_cast<std::ptrdiff_t>(begin),
                                               states.begin() + static_cast<std::ptrdiff_t>(end),
                                               State::missed));
}

std::vector<double> Record::take_delays() {
    return std::exchange(delays_, {});
}

std::string Record::first_outstanding() const {
    for (std::size_t who = 0; who < states_.size(); ++who) {
        const auto found = std::ranges::find(states_[who], State::expected);
        if (found == states_[who].end()) continue;
        return std::to_string(outstanding_) + " not heard, the first one by " + name_of(who) +
               ": message " + std::to_string(found - states_[who].begin());
    }
    return {};
}

}  // namespace compare
