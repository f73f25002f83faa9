#include "compare/measure/record.hpp"

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

bool concerns(Audience audience, bool writer) {
    return audience == Audience::everyone || writer == (audience == Audience::oneself);
}

}  // namespace

// A number, then letters that go on from it: a text that is cut or mixed with another is noticed.
std::string text_of(std::size_t number, std::size_t size) {
    std::string text = std::to_string(number) + "n";
    for (std::size_t at = number % kLetters.size(); text.size() < size; at = 0)
        text += kLetters.substr(at, size - text.size());
    return text;
}

std::size_t Record::add() {
    readers_.push_back({.states = std::vector(said_.size(), State::not_for_it)});
    return readers_.size() - 1;
}

std::string Record::say(std::size_t who, Time due) {
    said_.push_back({who, due});
    for (std::size_t i = 0; i < readers_.size(); ++i) {
        State state = State::not_for_it;
        if (concerns(audience_, i == who))
            state = readers_[i].there ? State::expected : State::missed;
        readers_[i].states.push_back(state);
        if (state == State::expected) ++outstanding_;
    }
    return text_of(said_.size() - 1, size_);
}

void Record::hear(std::size_t who, std::string_view text, Time when) {
    const auto fail = [&](const std::string& why) {
        throw std::runtime_error(name_of(who) + " heard " + lab::visible(text, 40) + why);
    };
    std::size_t number = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
    if (result.ec != std::errc() || number >= said_.size() || text != text_of(number, size_))
        fail(", which nobody has said");
    State& state = readers_[who].states[number];
    if (state == State::heard) fail(" twice");
    if (state == State::not_for_it) fail(", which is not for it");
    const auto [latest, first] = readers_[who].latest.try_emplace(said_[number].writer, number);
    if (!first && latest->second > number) fail(" after a later one of the same writer");
    latest->second = number;
    if (std::exchange(state, State::heard) == State::missed) return;
    --outstanding_;
    delays_.push_back(std::chrono::duration<double, std::milli>(when - said_[number].due).count());
}

std::size_t Record::missed(std::size_t who, std::size_t begin, std::size_t end) const {
    const State* const states = readers_[who].states.data();
    return static_cast<std::size_t>(std::count(states + begin, states + end, State::missed));
}

std::vector<double> Record::take_delays() {
    return std::exchange(delays_, {});
}

std::string Record::first_outstanding() const {
    for (std::size_t who = 0; who < readers_.size(); ++who) {
        const auto& states = readers_[who].states;
        const auto found = std::ranges::find(states, State::expected);
        if (found == states.end()) continue;
        return std::to_string(outstanding_) + " not heard, the first one by " + name_of(who) +
               ": message " + std::to_string(found - states.begin());
    }
    return {};
}

}  // namespace compare
