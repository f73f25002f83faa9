// A room of three servers behind nginx, in which the worst happens while everybody talks.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/nginx.hpp"
#include "tests/support/program.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// How much happens in a room.
struct RoomSize {
    std::size_t clients = 6;
    std::size_t lines = 12;                // of each client
    std::chrono::milliseconds pause{300};  // how long the broker stands still
    unsigned int seed = 3;                 // says what happens when
    /// LAB_ROOMS=full: 300 clients, 20 lines and 3 s. LAB_SEED: the seed.
    static RoomSize from_environment();
};

/// Clients of our own that talk over nginx, which hands each request to the next of three servers.
/// Only if there is a Redis and an nginx. One thread.
class SharedRoom {
 public:
    /// Servers of `step`, started with `options` too, and the clients: all hear each other.
    explicit SharedRoom(std::string step, const std::vector<std::string>& options = {},
                        Place place = Place::here());

    /// Everybody talks at once. Meanwhile one server is killed, one is told to end, the broker
    /// stands still, and the broker is killed and starts again with its data: the seed says in
    /// which order and when. Then everybody says "end", and hears it of all.
    void talk(Place place = Place::here());

    /// All have heard the same in the same order: each line once, and those of one client in the
    /// order in which they were said. A line that is missing is one that its client has complained
    /// of. Returns how many are missing.
    std::size_t expect_one_order(Place place = Place::here());
    /// The same for clients that get nothing later: each that has lost its server may lack what was
    /// said meanwhile, and has told its user.
    void expect_one_order_or_gaps(Place place = Place::here());

    /// The broker is killed and starts again, empty: each client says `words` on stderr, and then
    /// all hear each other again.
    void begin_again(const std::string& words, Place place = Place::here());

    /// Each client leaves with this exit status.
    void leave(int status, Place place = Place::here());

 private:
    enum class Accident { kill, end, pause, restart };
    using Lines = std::vector<std::string>;

    void say(std::size_t lines, Place place);
    void happen(Accident accident, Place place);
    void end_server(Place place);
    void gather(Place place);
    void hear_everybody(Place place);
    std::size_t expect_all_of(const Lines& heard, Place place);
    [[nodiscard]] std::size_t present() const;

    const std::string step_;
    const RoomSize size_ = RoomSize::from_environment();
    Redis redis_{"", Redis::Data::in_file};
    std::vector<std::unique_ptr<Server>> servers_;  // those that have ended are null
    std::unique_ptr<Nginx> nginx_;
    std::vector<std::unique_ptr<Program>> clients_;
    std::size_t said_ = 0;      // lines of each client
    std::size_t gathered_ = 0;  // how often everybody has said that it is here
    std::vector<Lines> heard_;  // by each client
};

}  // namespace lab::test
