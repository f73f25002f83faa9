#include "common/broker/broker.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <stdexcept>
#include <string_view>

#include "common/check.hpp"
#include "common/log.hpp"
#include "common/milliseconds.hpp"
#include "common/number.hpp"
#include "common/random_hex.hpp"
#include "common/visible.hpp"

namespace lab {
namespace {

using Kind = RespValue::Kind;

constexpr std::size_t kEpochDigits = 16;
constexpr std::size_t kMaxFields = 8;
// The broker keeps so many entries at least: a server reads on from them whose connection was lost,
// or that has no time to read while the others add as much as may be unanswered.
constexpr std::size_t kMinHistory = 10 * Broker::kMaxUnanswered;
// The broker answers at the latest after this time, although there is nothing new: so a broker that
// is gone without a word is noticed.
constexpr std::string_view kBlockMilliseconds = "2000";
constexpr std::size_t kMaxAtOnce = 100;
constexpr std::size_t kMaxBytesAtOnce = 16 * 1024 * 1024;
constexpr int kLeastVersion = 7;

[[noreturn]] void refuse(const RespValue& reply) {
    throw std::runtime_error(reply.kind == Kind::error ? visible(reply.text, 200)
                                                       : "an answer of an unknown form");
}

}  // namespace

Broker::Broker(Options options, RoomListener& listener)
    : options_(std::move(options)),
      listener_(listener),
      name_("broker " + to_string(options_.address)) {
}

void Broker::start() {
    addresses_ = look_up(options_.address.host, options_.address.port);
    // The first failure ends it: lose() throws.
    for (proceed(); !up(); proceed()) {
        std::array<pollfd, 2> sockets{};
        for (std::size_t i = 0; Link* const link : {&follower_, &adder_}) {
            sockets[i++] = {link->link ? link->link->socket() : -1,
                            link->link ? link->link->events() : short{0}, 0};
        }
        const int count = poll(sockets.data(), sockets.size(), milliseconds_until(deadline()));
        if (count < 0 && errno != EINTR) check("poll", count);
    }
    started_ = true;
}

void Broker::watch(DescriptorSet& set, void* who) {
    set_ = &set;
    who_ = who;
    update_watch(follower_);
    update_watch(adder_);
}

bool Broker::add(const EntryFields& fields, const std::string& key, Done done) {
    if (!up() || unanswered_.size() >= kMaxUnanswered || adder_.link->unsent() >= kMaxUnsent)
        return false;
    const std::size_t history = std::max(options_.history, kMinHistory);
    const Words words = add_command(options_.address.room, fields, key, history, kKeyLife.count());
    adder_.link->command({words.begin(), words.end()});
    if (unanswered_.empty()) add_answer_due_ = Clock::now() + kPatience;
    unanswered_.push_back(std::move(done));
    return true;
}

Broker::Clock::time_point Broker::deadline() const {
    if (stage_ == Stage::down) return next_try_;
    return unanswered_.empty() ? answer_due_ : std::min(answer_due_, add_answer_due_);
}

void Broker::proceed() {
    try {
        if (stage_ == Stage::down && Clock::now() >= next_try_) connect();
        if (stage_ != Stage::down) transfer();
        if (stage_ != Stage::down && Clock::now() >= deadline()) {
            throw std::runtime_error("no answer for " + std::to_string(kPatience.count()) + " s");
        }
        update_watch(follower_);
        update_watch(adder_);
    } catch (const std::exception& error) {
        lose(error.what());
    }
}

void Broker::connect() {
    stage_ = Stage::greeting;
    greetings_ = 0;
    answer_due_ = Clock::now() + kPatience;
    greet(follower_);
    greet(adder_);
}

// HELLO tells the password and asks for the version.
void Broker::greet(Link& link) {
    const std::size_t entries = entries_at_once() + 1;
    // Each entry costs its fields, and their number and lengths.
    link.link.emplace(addresses_.at(next_address_),
                      RespParser::Limits{.bytes = 64 * 1024 + entries * (options_.max_entry + 1024),
                                         .values = 1024 + entries * 2 * (kMaxFields + 2),
                                         .depth = 6});
    std::vector<std::string_view> words{"HELLO", "2"};
    const std::string& password = options_.address.password;
    if (!password.empty()) words.insert(words.end(), {"AUTH", "default", password});
    link.link->command(words);
}

std::size_t Broker::entries_at_once() const {
    return std::clamp<std::size_t>(kMaxBytesAtOnce / options_.max_entry, 1, kMaxAtOnce);
}

// The follower first: if the broker has been another one in between, that is noticed before an
// entry gets an id of the new room.
void Broker::transfer() {
    follower_.link->transfer([this](RespValue& reply) {
        answer_due_ = Clock::now() + kPatience;
        stage_ == Stage::greeting ? take_greeting(reply) : take_followed(reply);
    });
    adder_.link->transfer([this](RespValue& reply) {
        stage_ == Stage::greeting ? take_greeting(reply) : take_answer(reply);
    });
}

void Broker::take_greeting(const RespValue& reply) {
    if (reply.kind != Kind::array) refuse(reply);
    const RespValue* const version = value_behind("version", reply);
    if (!version) throw std::runtime_error("it does not tell its version");
    const std::string major = version->text.substr(0, version->text.find('.'));
    if (number_in<int>(major).value_or(0) < kLeastVersion) {
        throw std::runtime_error("version " + visible(version->text) + " is too old: " +
                                 std::to_string(kLeastVersion) + " or later is needed");
    }
    if (++greetings_ < 2) return;
    stage_ = Stage::epoch;
    for (Link* const link : {&follower_, &adder_}) link->link->show(options_.trace);
    // The name of the room, if it has none yet; the answer is the one that it had.
    proposed_ = random_hex(kEpochDigits);
    const std::string key = options_.address.room + ":epoch";
    follower_.link->command({"SET", key, proposed_, "NX", "GET"});
}

void Broker::take_followed(RespValue& reply) {
    switch (stage_) {
        case Stage::epoch:
            return take_epoch(reply);
        case Stage::length:
            return take_length(reply);
        case Stage::loading:
        case Stage::following:
            return take_entries(reply);
        default:
            refuse(reply);
    }
}

void Broker::take_epoch(const RespValue& reply) {
    if (reply.kind != Kind::null && reply.kind != Kind::bulk) refuse(reply);
    const std::string epoch = reply.kind == Kind::null ? proposed_ : reply.text;
    // Clients get it as a part of JSON and of addresses.
    const auto is_digit = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (epoch.size() != kEpochDigits || !std::ranges::all_of(epoch, is_digit))
        throw std::runtime_error("NAME:epoch holds what the lab did not write");
    if (epoch != epoch_) {
        epoch_ = epoch;
        last_ = 0;
        listener_.new_room(epoch_);
    }
    stage_ = Stage::length;
    follower_.link->command({"XINFO", "STREAM", options_.address.room});
}

void Broker::take_length(const RespValue& reply) {
    const bool empty = reply.kind == Kind::error && reply.text.starts_with("ERR no such key");
    if (!empty && reply.kind != Kind::array) refuse(reply);
    const RespValue* const id = value_behind("last-generated-id", reply);
    const auto end = empty ? 0 : id ? number_of(*id) : std::nullopt;
    if (!end) throw std::runtime_error("the stream was not made by the lab: its ids are not 0-N");
    // A broker that begins again from an old file would give the ids once more that we know.
    if (*end < last_) {
        throw std::runtime_error("it has lost entries: the last is " + std::to_string(*end) +
                                 ", and we have seen " + std::to_string(last_) +
                                 "; delete the stream and NAME:epoch to begin a new room");
    }
    room_end_ = *end;
    if (!started_ && options_.history == 0) last_ = room_end_;
    stage_ = Stage::loading;
    ask_for_entries();
}

void Broker::ask_for_entries() {
    const std::string count = std::to_string(entries_at_once());
    const std::string after = id_of(last_);
    std::vector<std::string_view> words{"XREAD", "COUNT", count};
    if (stage_ == Stage::following) words.insert(words.end(), {"BLOCK", kBlockMilliseconds});
    words.insert(words.end(), {"STREAMS", options_.address.room, after});
    follower_.link->command(words);
}

// Null, or the streams that have entries, which is ours alone: its name and they.
void Broker::take_entries(RespValue& reply) {
    if (reply.kind == Kind::array) {
        if (reply.items.size() != 1 || reply.items[0].items.size() != 2) refuse(reply);
        for (RespValue& entry : reply.items[0].items[1].items) take_entry(entry);
    } else if (reply.kind != Kind::null) {
        refuse(reply);
    } else if (stage_ == Stage::loading) {
        if (last_ < room_end_) listener_.lost_up_to(last_ = room_end_);
        stage_ = Stage::following;
        backoff_.succeeded(Clock::now());
        if (started_) log(name_ + ": connected again");
        listener_.broker_changed(true);
    }
    ask_for_entries();
}

void Broker::take_entry(RespValue& value) {
    const auto entry = take_stream_entry(value);
    if (!entry || entry->number <= last_)
        throw std::runtime_error("an entry without an id of the lab's form");
    if (entry->number > last_ + 1) listener_.lost_up_to(entry->number - 1);
    last_ = entry->number;
    listener_.entry(last_, entry->fields);
}

void Broker::take_answer(const RespValue& reply) {
    if (unanswered_.empty()) throw std::runtime_error("an answer to no question");
    const Done done = std::move(unanswered_.front());
    unanswered_.pop_front();
    add_answer_due_ = Clock::now() + kPatience;
    const auto id = reply.kind == Kind::bulk ? number_of(reply) : std::nullopt;
    if (!id) log(name_ + ": an entry was refused: " + visible(reply.text, 200));
    done(id ? Added::yes : Added::no, id.value_or(0));
}

void Broker::lose(const std::string& why) {
    const bool was_up = up();
    const bool greeted = stage_ > Stage::greeting;
    stage_ = Stage::down;
    forget(follower_);
    forget(adder_);
    next_try_ = Clock::now();
    // A host may have several addresses, and the broker listen at one of them.
    if (!greeted && ++next_address_ < addresses_.size()) return;
    next_address_ = 0;
    if (!started_) throw std::runtime_error(name_ + ": " + why);
    const auto wait = backoff_.next(Clock::now());
    next_try_ += wait;
    log(name_ + ": " + why + "; next try in " + std::to_string(wait.count()) + " ms");
    for (const Done& done : std::exchange(unanswered_, {})) done(Added::unknown, 0);
    if (was_up) listener_.broker_changed(false);
}

// --- the loop -----------------------------------------------------------------------------------

void Broker::update_watch(Link& link) {
    if (!set_ || !link.link) return;
    const int socket = link.link->socket();
    const short events = link.link->events();
    if (link.watched_socket != socket) {
        set_->add(socket, events, who_);
    } else if (link.watched != events) {
        set_->change(socket, events, who_);
    }
    link.watched_socket = socket;
    link.watched = events;
}

// A set must not hold a descriptor that is closed.
void Broker::forget(Link& link) {
    if (set_ && link.watched_socket >= 0) set_->remove(link.watched_socket);
    link.watched_socket = -1;
    link.link.reset();
}

}  // namespace lab
