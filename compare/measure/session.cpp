#include "compare/measure/session.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <stdexcept>
#include <utility>

#include "common/poll_until.hpp"

namespace compare {
namespace {

using namespace std::chrono_literals;

constexpr auto kJoining = 15s;
// The time between two messages of a writer that only tries who is in.
constexpr auto kBetweenTries = 100ms;
// A writer that is late says what is due, but listens at least this often: else what has come
// meanwhile would seem late too.
constexpr auto kMaxDeafness = 1ms;
// When a step of a writer takes longer, it is not its own work: the machine has stopped this
// program. More than kMaxStopped in all has another cause, such as too many clients.
constexpr auto kLongestStep = 20ms;
constexpr Clock::duration kMaxStopped = 5s;
// The kernel's queue of connections that a server has not accepted holds 4096, or fewer: listen(2).
// Beyond that it drops them, and they come seconds later.
constexpr std::size_t kMaxJoining = 500;

const std::function<bool()> kNever = [] { return false; };

double milliseconds(Clock::duration time) {
    return std::chrono::duration<double, std::milli>(time).count();
}

}  // namespace

void Session::gather(std::size_t count, bool short_period, std::size_t writers) {
    for (std::size_t i = 0; i < count; ++i) {
        ParticipantOptions options{.port = ports_[i % ports_.size()], .writes = i < writers};
        if (short_period && transport_.keep_alive)
            options.period = transport_.keep_alive->short_period;
        // Spread over the interval, as the questions of many users are.
        options.first_poll = options.period.value_or(transport_.interval) * static_cast<int>(i) /
                             static_cast<int>(count);
        began_.push_back(Clock::now());
        participants_.push_back(join(transport_, options));
        record_.add();
        take_heard(i);
        // A participant that has begun does not wait until all others have. One that is in is not
        // looked at each time.
        while (first_served_ < size() && record_.is_there(first_served_)) ++first_served_;
        serve_once(Clock::now());
        const auto few_wait = [&] { return size() - joined_ <= kMaxJoining; };
        if (transport_.confirms_joining()) await(few_wait);
    }
    first_served_ = 0;
    await([&] {
        // A writer that does not hear itself has nothing to hear before anybody else speaks.
        const std::size_t first = transport_.audience == Audience::others ? 1 : 0;
        for (std::size_t i = first; i < size(); ++i)
            if (!record_.is_there(i)) return false;
        return true;
    });
    record_.enter(0);
    // This message comes after all tries: when it is heard, they are too.
    if (!transport_.confirms_joining() && !transport_.is_echo()) say(0, Clock::now());
    settle_or_throw(kJoining);
    record_.take_delays();
}

// Where nothing tells who is in, somebody speaks until all have heard it.
void Session::await(const std::function<bool()>& all_in) {
    Time limit = Clock::now() + kJoining;
    std::size_t known = joined_;
    while (!all_in()) {
        // Joining may take long when there are many, but not without anybody coming in.
        if (std::exchange(known, joined_) < joined_) limit = Clock::now() + kJoining;
        if (Clock::now() >= limit) throw std::runtime_error("not everybody was in after 15 s");
        const bool tries = !transport_.confirms_joining();
        if (tries && transport_.is_echo()) {
            for (const std::size_t who : everybody()) say(who, Clock::now());
        } else if (tries) {
            say(0, Clock::now());
        }
        serve_until(tries ? Clock::now() + kBetweenTries : limit, all_in);
    }
}

void Session::say(std::size_t who, Time due) {
    participants_[who]->say(record_.say(who, due));
}

std::size_t Session::speak(const std::vector<std::size_t>& writers, std::size_t count, double rate,
                           Time limit) {
    const std::chrono::duration<double> interval(1 / rate);
    const Time begin = Clock::now() + 10ms;
    Time previous = begin;
    Clock::duration stopped{};
    for (std::size_t i = 0; i < count; ++i) {
        const Time due =
            begin + std::chrono::duration_cast<Clock::duration>(interval * static_cast<double>(i));
        if (Clock::now() < due) {
            serve_until(due, kNever);
        } else if (Clock::now() >= served_ + kMaxDeafness) {
            serve_once(Clock::now());
        }
        const Time now = Clock::now();
        const auto step = now - std::max(previous, due);
        if (step > kLongestStep) stopped = std::min(stopped + step, kMaxStopped);
        if (now - stopped >= limit) return i;
        previous = now;
        lateness_ = std::max(lateness_, milliseconds(now - due));
        say(writers[i % writers.size()], due);
    }
    return count;
}

std::size_t Session::flood(const std::vector<std::size_t>& writers, std::size_t most, Time limit) {
    std::size_t count = 0;
    const auto has_room = [&] { return record_.outstanding() < most * size(); };
    while (serve_until(limit, has_room) && Clock::now() < limit) {
        say(writers[count++ % writers.size()], Clock::now());
        serve_once(Clock::now());
    }
    return count;
}

bool Session::settle(std::chrono::milliseconds silence, Time limit) {
    const auto settled = [&] {
        return record_.outstanding() == 0 &&
               std::ranges::all_of(participants_, [](const auto& p) { return p->settled(); });
    };
    last_heard_ = Clock::now();
    const auto until = [&] { return std::min(limit, last_heard_ + silence); };
    while (!settled()) {
        const bool over = Clock::now() >= until();
        // A busy machine may have stopped this program: what has come meanwhile is no silence.
        serve_once(until());
        if (over && Clock::now() >= until()) return settled();
    }
    return true;
}

void Session::settle_or_throw(std::chrono::milliseconds silence) {
    if (settle(silence)) return;
    const std::string what = record_.first_outstanding();
    throw std::runtime_error(what.empty() ? "what was said is not confirmed" : what);
}

void Session::wait(std::chrono::milliseconds time) {
    serve_until(Clock::now() + time, kNever);
}

void Session::wait_for_quiet() {
    const auto quiet = [&] {
        return std::ranges::all_of(participants_, [](const auto& p) { return p->quiet(); });
    };
    if (!serve_until(Clock::now() + kJoining, quiet))
        throw std::runtime_error("questions are not answered");
}

void Session::leave(std::size_t who) {
    participants_[who]->leave();
    record_.leave(who);
}

void Session::come_back(std::size_t who) {
    participants_[who]->come_back();
    await([&] { return record_.is_there(who); });
    // The missed messages come before a new one. A client that polls has it with its first answer.
    if (transport_.kind != ConnectionKind::polling) say(0, Clock::now());
    settle_or_throw(kJoining);
}

std::vector<std::size_t> Session::everybody() const {
    std::vector<std::size_t> all(size());
    std::iota(all.begin(), all.end(), 0);
    return all;
}

Counts Session::counts() const {
    Counts all;
    for (const auto& participant : participants_) all += participant->counts();
    return all;
}

// --- the loop -----------------------------------------------------------------------------------

// Serves all until `done`, or until `limit`. Returns whether it is done.
bool Session::serve_until(Time limit, const std::function<bool()>& done) {
    while (!done()) {
        if (Clock::now() >= limit) return false;
        serve_once(limit);
    }
    return true;
}

void Session::serve_once(Time limit) {
    sockets_.clear();
    const auto served = std::span(participants_).subspan(first_served_);
    for (const auto& participant : served) {
        // poll(2) takes no more entries than a process may have descriptors: those without one
        // would count.
        for (const pollfd& socket : participant->watched())
            if (socket.fd >= 0) sockets_.push_back(socket);
        limit = std::min(limit, participant->due().value_or(limit));
    }
    lab::poll_until(sockets_, limit);
    served_ = Clock::now();
    auto next = sockets_.begin();
    const auto is_ready = [&](const pollfd& socket) {
        return socket.fd >= 0 && (next++)->revents != 0;
    };
    for (std::size_t i = 0; i < served.size(); ++i) {
        const auto watched = served[i]->watched();
        const bool first = is_ready(watched[0]);
        const bool second = is_ready(watched[1]);
        const auto due = served[i]->due();
        if (!first && !second && (!due || Clock::now() < *due)) continue;
        served[i]->proceed(first, second);
        take_heard(first_served_ + i);
    }
}

void Session::take_heard(std::size_t who) {
    Participant& participant = *participants_[who];
    for (const Heard& heard : participant.take_heard()) {
        record_.hear(who, heard.text, heard.when);
        last_heard_ = heard.when;
    }
    if (record_.is_there(who) || !participant.in()) return;
    record_.enter(who);
    // A participant that comes back has joined before. Datagrams join nothing.
    if (joined_ == size()) return;
    ++joined_;
    if (transport_.confirms_joining() && transport_.kind != ConnectionKind::datagrams)
        joins_.push_back(milliseconds(Clock::now() - began_[who]));
}

}  // namespace compare
