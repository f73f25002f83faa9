#include "compare/meeting.hpp"

#include <algorithm>
#include <stdexcept>

#include "compare/relay/poll_until.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

// How long it may take until everybody is in.
constexpr auto kJoining = 15s;
// How long to wait until somebody says something again, where only this shows who is in.
constexpr auto kBetweenTests = 100ms;

// Who is late says what is due, but listens at least as often as this: else what has come meanwhile
// would be heard late.
constexpr auto kLongestDeafness = 1ms;

const std::function<bool()> kNever = [] { return false; };

}  // namespace

void Meeting::gather(std::size_t count, bool short_beats) {
    for (std::size_t i = 0; i < count; ++i) {
        Seat seat{.port = port_, .writes = i == 0};
        // Spread over the interval, as those of many users are.
        seat.first_poll = transport_.interval * static_cast<int>(i) / static_cast<int>(count);
        if (short_beats && transport_.beat) seat.beat = transport_.beat->short_period;
        if (seat.beat) seat.first_poll = *seat.beat * static_cast<int>(i) / static_cast<int>(count);
        begun_.push_back(Clock::now());
        participants_.push_back(take_seat(transport_, seat));
        record_.add();
        take_heard(i);
        // Those who have begun do not wait until the others have.
        serve_once(Clock::now());
    }
    await_all_in();
}

void Meeting::await_all_in() {
    const auto all_in = [&] {
        for (std::size_t i = 0; i < size(); ++i) {
            // Where nothing tells, the writer itself hears nothing and has nothing to hear.
            const bool deaf = i == 0 && transport_.audience == Audience::others;
            if (!record_.is_there(i) && !deaf) return false;
        }
        return true;
    };
    const Time limit = Clock::now() + kJoining;
    const bool tells = transport_.way != Way::lines;
    while (!all_in() && Clock::now() < limit) {
        if (!tells && transport_.audience == Audience::oneself) {
            for (std::size_t i = 0; i < size(); ++i) say(i, Clock::now());
        } else if (!tells) {
            say(0, Clock::now());
        }
        serve_until(tells ? limit : Clock::now() + kBetweenTests, all_in);
    }
    if (!all_in()) throw std::runtime_error("not everybody was in after 15 s");
    record_.enter(0);
    // What is said from here on comes after all tests.
    if (!tells && transport_.audience != Audience::oneself) say(0, Clock::now());
    if (!settle(kJoining)) throw std::runtime_error(outstanding());
    record_.take_delays();
}

void Meeting::say(std::size_t who, Time due) {
    participants_[who]->say(record_.say(who, due));
}

std::size_t Meeting::speak(const std::vector<std::size_t>& writers, std::size_t count, double rate,
                           Time limit) {
    const std::chrono::duration<double> interval(1 / rate);
    const Time begin = Clock::now() + 10ms;
    for (std::size_t i = 0; i < count; ++i) {
        const Time due =
            begin + std::chrono::duration_cast<Clock::duration>(interval * static_cast<double>(i));
        if (Clock::now() < due) {
            serve_until(due, kNever);
        } else if (Clock::now() >= served_ + kLongestDeafness) {
            serve_once(Clock::now());
        }
        const Time now = Clock::now();
        if (now >= limit) return i;
        const std::chrono::duration<double, std::milli> late = now - due;
        lateness_ = std::max(lateness_, late.count());
        say(writers[i % writers.size()], due);
    }
    return count;
}

bool Meeting::settle(std::chrono::milliseconds silence, Time limit) {
    const auto settled = [&] {
        return record_.outstanding() == 0 &&
               std::ranges::all_of(participants_, [](const auto& p) { return p->settled(); });
    };
    last_heard_ = Clock::now();
    while (!settled()) {
        const Time until = std::min(limit, last_heard_ + silence);
        if (Clock::now() >= until) return false;
        serve_once(until);
    }
    return true;
}

void Meeting::wait(std::chrono::milliseconds span) {
    serve_until(Clock::now() + span, kNever);
}

void Meeting::wait_for_quiet() {
    const auto quiet = [&] {
        return std::ranges::all_of(participants_, [](const auto& p) { return p->quiet(); });
    };
    if (!serve_until(Clock::now() + kJoining, quiet))
        throw std::runtime_error("questions are not answered");
}

void Meeting::leave(std::size_t who) {
    participants_[who]->leave();
    record_.leave(who);
}

void Meeting::come_back(std::size_t who) {
    participants_[who]->come_back();
    const Time limit = Clock::now() + kJoining;
    while (!record_.is_there(who) && Clock::now() < limit) {
        const bool tells = transport_.way != Way::lines;
        if (!tells) say(0, Clock::now());
        serve_until(tells ? limit : Clock::now() + kBetweenTests,
                    [&] { return record_.is_there(who); });
    }
    // What was missed comes before anything new; who polls has got it with the first answer.
    if (transport_.way != Way::polling) say(0, Clock::now());
    if (!settle(kJoining)) throw std::runtime_error(outstanding());
}

std::string Meeting::outstanding() const {
    const std::string what = record_.first_outstanding();
    return what.empty() ? "what was said is not confirmed" : what;
}

Counts Meeting::counts() const {
    Counts all;
    for (const auto& participant : participants_) all += participant->counts();
    return all;
}

// --- the loop -----------------------------------------------------------------------------------

bool Meeting::serve_until(Time limit, const std::function<bool()>& done) {
    for (;;) {
        if (done()) return true;
        if (Clock::now() >= limit) return false;
        serve_once(limit);
    }
}

void Meeting::serve_once(Time limit) {
    sockets_.clear();
    for (const auto& participant : participants_) {
        for (const pollfd& socket : participant->watched()) sockets_.push_back(socket);
        limit = std::min(limit, participant->due().value_or(limit));
    }
    relay::poll_until(sockets_, limit);
    served_ = Clock::now();
    for (std::size_t i = 0; i < participants_.size(); ++i) {
        Participant& participant = *participants_[i];
        const bool first = sockets_[2 * i].revents != 0;
        const bool second = sockets_[2 * i + 1].revents != 0;
        const auto due = participant.due();
        if (!first && !second && (!due || Clock::now() < *due)) continue;
        participant.proceed(first, second);
        take_heard(i);
    }
}

void Meeting::take_heard(std::size_t who) {
    Participant& participant = *participants_[who];
    for (const Heard& heard : participant.take_heard()) {
        record_.hear(who, heard.text, heard.when);
        last_heard_ = heard.when;
    }
    if (record_.is_there(who) || !participant.in()) return;
    record_.enter(who);
    // Datagrams join nothing.
    const bool tells = transport_.way != Way::lines && transport_.way != Way::datagrams;
    if (!tells || joins_.size() == size()) return;
    joins_.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun_[who]).count());
}

}  // namespace compare
