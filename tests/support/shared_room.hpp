// A room of three servers behind nginx, in which the worst happens while everybody talks.
#pragma once

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/nginx.hpp"
#include "tests/support/program.hpp"
#include "tests/support/redis.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// Clients of our own that talk over nginx, which hands each request to the next of three servers.
/// Only if there is a Redis and an nginx. One thread.
class SharedRoom {
 public:
    static constexpr std::size_t kClients = 6, kLines = 12;

    /// Servers of `step`, started with `options` too.
    explicit SharedRoom(const std::string& step, const std::vector<std::string>& options = {}) {
        std::vector<std::string> command{"--broker", redis_.room("lounge")}, ports;
        command.insert(command.end(), options.begin(), options.end());
        for (int i = 0; i < 3; ++i) {
            servers_.push_back(std::make_unique<Server>(step, command));
            ports.push_back(servers_.back()->port());
        }
        nginx_ = std::make_unique<Nginx>(
            ports, "proxy_buffering off; proxy_http_version 1.1; proxy_set_header Connection '';");
        for (std::size_t i = 0; i < kClients; ++i) {
            clients_.push_back(std::make_unique<Program>(
                url_client_command(step, nginx_->url(), {"--name", name(i)})));
            // One that has heard itself hears everything from then on.
            clients_[i]->write_input("here\n");
            read_until(i, name(i) + ": here");
        }
        heard_.assign(kClients, {});
    }

    /// Everybody talks. Meanwhile one server is killed, one ends, and the broker stands still for a
    /// second: `seed` says in which order and when. Then everybody says "end", and hears it of all.
    void talk(unsigned int seed) {
        for (std::size_t line = 0; line < kLines; ++line)
            for (auto& client : clients_) client->write_input(std::to_string(line) + "\n");
        std::mt19937 random(seed);
        std::vector<int> accidents{0, 1, 2};
        std::shuffle(accidents.begin(), accidents.end(), random);
        for (const int accident : accidents) {
            // Some lines later, so that it happens in the middle of the talk.
            for (auto more = random() % (kClients * kLines / 4); more > 0; --more) hear(0);
            if (accident == 0) servers_[0]->send_signal(SIGKILL);
            if (accident == 1) servers_[1]->send_signal(SIGTERM);
            if (accident == 2) stop_broker();
        }
        // From here on nothing happens that could cost an "end".
        servers_[0]->expect_end_by(SIGKILL, "SIGKILL ends every program");
        servers_[1]->expect_exit(0, "a server that is told to end does so within a second");
        for (auto& client : clients_) client->write_input("end\n");
        for (std::size_t i = 0; i < kClients; ++i)
            while (ends_in(heard_[i]) < kClients) hear(i);
    }

    /// All have heard the same in the same order: each line once, and those of one client in the
    /// order in which they were said. A line that is missing is one that its client has complained
    /// of. Returns how many are missing.
    std::size_t expect_one_order(Place place = Place::here()) {
        const std::string hint = "the broker numbers the messages, and every server shows them so";
        for (std::size_t i = 1; i < kClients; ++i)
            expect_bytes(joined(heard_[0]), joined(heard_[i]), hint, place);
        const std::set<std::string> once(heard_[0].begin(), heard_[0].end());
        if (once.size() != heard_[0].size())
            fail("each message once", joined(heard_[0]), "no message is said twice", place);
        std::size_t missing = 0;
        for (std::size_t i = 0; i < kClients; ++i) {
            auto from = heard_[0].begin();
            for (std::size_t line = 0; line < kLines; ++line) {
                const std::string text = name(i) + ": " + std::to_string(line);
                const bool heard = once.contains(text);
                if (!heard) ++missing;
                if (!heard)
                    clients_[i]->expect_error("\"" + std::to_string(line) + "\"", hint, place);
                if (heard) from = std::find(from, heard_[0].end(), text);
                if (heard && from == heard_[0].end())
                    fail(text + " in its order", joined(heard_[0]), hint, place);
            }
        }
        return missing;
    }

    /// Each client leaves with this exit status.
    void leave(int status, Place place = Place::here()) {
        for (auto& client : clients_) client->end_input();
        for (auto& client : clients_)
            client->expect_exit(status, "everything was confirmed and came back", kDeadline, place);
    }

 private:
    static std::string name(std::size_t client) { return "c" + std::to_string(client); }
    static std::string joined(const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) text += line + "\n";
        return text;
    }
    static std::size_t ends_in(const std::vector<std::string>& lines) {
        return static_cast<std::size_t>(std::ranges::count_if(
            lines, [](const std::string& line) { return line.ends_with(": end"); }));
    }
    void read_until(std::size_t client, const std::string& wanted) {
        while (clients_[client]->read_line("everybody hears each message") != wanted) {
        }
    }
    // The next line that is not from the beginning.
    void hear(std::size_t client) {
        std::string line = clients_[client]->read_line("everybody hears each message", kStart);
        if (!line.ends_with(": here")) heard_[client].push_back(std::move(line));
    }
    void stop_broker() {
        redis_.pause();
        // Nothing is to be waited for but the time itself.
        poll(nullptr, 0, 1000);
        redis_.resume();
    }

    Redis redis_;
    std::vector<std::unique_ptr<Server>> servers_;
    std::unique_ptr<Nginx> nginx_;
    std::vector<std::unique_ptr<Program>> clients_;
    std::vector<std::vector<std::string>> heard_;  // by each client
};

}  // namespace lab::test
