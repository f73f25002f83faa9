// The mailbox: all that is said, as JSON, in one log that every answer is cut out of. It knows no
// sockets.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "07_longpoll/answer.hpp"
#include "common/byte_log.hpp"

namespace longpoll {

/// What somebody wants to know: what came after the message `after`.
struct Question {
    Id after = 0;
    bool gap = false;  // some of what was asked for are gone: the answer says so, and at once
    // Another server of the room has told of messages up to this one, which we do not have yet.
    Id told = 0;

    bool operator==(const Question&) const = default;
};

/// The messages of one run of the server, or of a room that several servers share. A message exists
/// here once, as the JSON that it is sent as, however many it goes to.
class Mailbox {
 public:
    struct Limits {
        std::size_t history = 0;  // messages that are kept, and no more than `bytes` of them
        std::size_t answer = 0;   // bytes of messages in one answer; a longer one goes alone
        std::size_t bytes = 64 * 1024 * 1024;
    };

    /// `epoch` names this run of the server or this room, and no other.
    Mailbox(Limits limits, std::string epoch);

    /// Appends what `name` says. With the `key` of a message that is still kept it is the same one,
    /// sent again, and nothing is added; an empty key is none. Returns the message's id.
    Id post(std::string_view name, std::string_view text, const std::string& key = "");

    /// From now on it is the mailbox of `epoch`, whose messages up to `last` are gone, as is all
    /// that it held. Those who wait have to be answered before.
    void restart(std::string epoch, Id last);
    /// Its messages up to `last` are gone, as is all that it held: as restart().
    void skip_to(Id last) { restart(epoch_, last); }

    /// What one who knows the messages up to `after` lacks: all of them if `epoch`, which he got
    /// with them, is that of another run; null if he got none.
    [[nodiscard]] Question question(Id after, const std::string* epoch) const;

    /// The answer to `question`, which may have been asked before the messages came, but after the
    /// last forget_old(). All who ask the same get the same string.
    std::shared_ptr<const std::string> answer(const Question& question);

    /// The answer to a POST that got `id`.
    [[nodiscard]] std::string receipt(Id id) const;
    /// Where that message can be fetched, as long as it is kept: what came after the one before.
    [[nodiscard]] std::string location(Id id) const;

    /// Forgets the messages that are too many for the history. Not done by post(), for those who
    /// wait have to get them first.
    void forget_old();

    /// The id of the last message so far; 0 if there was none.
    [[nodiscard]] Id last() const { return last_; }

 private:
    /// A message in the log: where it ends there, and what its sender calls it.
    struct Entry {
        lab::Position end = 0;
        std::string key;
    };
    /// The answer that was made last: mostly the next one is the same.
    struct Made {
        Question question;
        Id last = 0;  // the last message when it was made
        std::shared_ptr<const std::string> body;
    };
    [[nodiscard]] std::string answer_body(const Question& question) const;
    [[nodiscard]] lab::Position end_of(Id id) const;
    void forget_first();

    const Limits limits_;
    std::string epoch_;
    lab::ByteLog log_;              // the messages, a comma behind each
    std::deque<Entry> entries_;     // of the messages in the log that are not forgotten
    lab::Position entries_at_ = 0;  // where the first of them begins
    Id last_ = 0;
    std::unordered_map<std::string, Id> ids_;  // by key
    Made made_;
};

}  // namespace longpoll
