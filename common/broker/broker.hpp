// A room that many servers share, kept by a broker: Redis or Valkey, version 7 or later. The room
// is a stream; the broker numbers its entries, so every server shows the same ones in the same
// order. lessons/architectures.md shows it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/backoff.hpp"
#include "common/broker/address.hpp"
#include "common/broker/link.hpp"
#include "common/broker/redis_stream.hpp"
#include "common/log.hpp"
#include "common/readiness.hpp"

namespace lab {

/// The listener to a room: a server's own part, which the Broker calls.
class RoomListener {
 public:
    virtual ~RoomListener() = default;
    /// The room is another one than before, or the first: it is called `epoch`, and its entries are
    /// numbered from 1 on.
    virtual void new_room(const std::string& epoch) = 0;
    /// The entry `id`, which is larger than each before it: each comes once.
    virtual void entry(std::uint64_t id, const EntryFields& fields) = 0;
    /// The entries up to `last`, which had not come yet, are gone from the broker's history.
    virtual void lost_up_to(std::uint64_t last) = 0;
    /// The broker is there again, and the room is known up to its end, or the broker is gone.
    virtual void broker_changed(bool up) = 0;
};

/// A room at a broker. Two connections, both of which never wait: one follows the room, and so
/// waits at the broker for the next entry; one adds entries. If one is lost, both are made again,
/// after a wait that grows, and the room is followed on from the last entry. It belongs to one
/// thread, whose loop waits on its descriptors.
class Broker {
 public:
    using Clock = std::chrono::steady_clock;

    struct Options {
        BrokerAddress address;
        Trace trace{false};  // of all but the password, as the capture
        // Entries that the broker keeps, or a few more; 0: start() begins at the end of the room.
        std::size_t history = 0;
        std::size_t max_entry = 1 << 17;  // bytes of the fields of one, the same for all servers
    };
    enum class Added {
        yes,      // the broker has it, under an id
        no,       // it was not added: the broker refused it
        unknown,  // the connection was lost before the broker's answer came
    };
    /// Called once with what became of an entry; the id counts for Added::yes.
    using Done = std::function<void(Added added, std::uint64_t id)>;

    /// Most entries that wait for the broker's answer, and most bytes that wait to be sent to it.
    static constexpr std::size_t kMaxUnanswered = 1000;
    static constexpr std::size_t kMaxUnsent = 8 * 1024 * 1024;
    /// How long the broker may take for an answer.
    static constexpr std::chrono::seconds kPatience{5};
    /// How long the broker remembers the key of an entry.
    static constexpr std::chrono::seconds kKeyLife{3600};

    /// `listener` must outlive it.
    Broker(Options options, RoomListener& listener);

    /// Waits until the broker is there and the whole room is known: `listener` gets all of it.
    /// Throws std::runtime_error, which says why, if the broker cannot be used.
    void start();
    /// From now on `set` waits on its descriptors, and tells `who`: then proceed() has to be
    /// called. `set` has to live as long as proceed() is called.
    void watch(DescriptorSet& set, void* who);

    /// Adds an entry. With the `key` of one that was added within kKeyLife, at any server, nothing
    /// is added, and `done` gets the id of that one; an empty key is none. Returns false, and does
    /// not call `done`, if the broker is gone or too much waits for it already.
    [[nodiscard]] bool add(const EntryFields& fields, const std::string& key, Done done);

    /// Sends and receives what it can, without waiting, and connects again if it is time to.
    void proceed();
    /// Whether proceed() would do something now, although no descriptor is ready.
    [[nodiscard]] bool is_due() const { return adder_unsent() || Clock::now() >= deadline(); }
    /// When is_due() becomes true by itself.
    [[nodiscard]] Clock::time_point deadline() const;

    /// Whether entries can be added.
    [[nodiscard]] bool up() const { return stage_ == Stage::following; }

 private:
    /// How far the connections have come.
    enum class Stage {
        down,       // until it is time for the next try
        greeting,   // connecting, and waiting for the answers to HELLO
        epoch,      // asking for the room's name
        length,     // asking for the last id that the room has had
        loading,    // reading entries that are there already
        following,  // waiting for the next ones
    };
    struct Link {
        std::optional<BrokerLink> link;
        int watched_socket = -1;
        short watched = 0;
    };

    void connect();
    void greet(Link& link);
    void transfer();
    void take_greeting(const RespValue& reply);
    void take_followed(RespValue& reply);
    void take_epoch(const RespValue& reply);
    void take_length(const RespValue& reply);
    void take_entries(RespValue& reply);
    void take_entry(RespValue& entry);
    void take_answer(const RespValue& reply);
    void ask_for_entries();
    void lose(const std::string& why);
    void update_watch(Link& link);
    void forget(Link& link);
    [[nodiscard]] bool adder_unsent() const { return adder_.link && adder_.link->unsent() > 0; }
    [[nodiscard]] std::size_t entries_at_once() const;

    const Options options_;
    RoomListener& listener_;
    const std::string name_;  // in the log
    std::vector<SocketAddress> addresses_;
    std::size_t next_address_ = 0;
    Stage stage_ = Stage::down;
    int greetings_ = 0;  // answers to HELLO that have come
    Link follower_, adder_;
    DescriptorSet* set_ = nullptr;
    void* who_ = nullptr;
    std::deque<Done> unanswered_;         // the broker answers in this order
    Clock::time_point answer_due_{};      // for the follower's command
    Clock::time_point add_answer_due_{};  // for the oldest of unanswered_
    Clock::time_point next_try_{};        // while down
    Backoff backoff_;
    bool started_ = false;        // it was up once: from then on it comes back by itself
    std::string epoch_;           // of the room; empty: not known yet
    std::string proposed_;        // for a room that has none yet
    std::uint64_t last_ = 0;      // the id of the last entry that the listener got
    std::uint64_t room_end_ = 0;  // the last id that the room had given when we connected
};

}  // namespace lab
