#include "tests/common/support/shared_room.hpp"

#include <poll.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <numeric>
#include <optional>
#include <random>
#include <set>
#include <string_view>
#include <utility>

#include "tests/support/commands.hpp"
#include "tests/support/patience.hpp"

namespace lab::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

const std::string kOneOrder = "the broker numbers the messages, and every server shows them so";
const std::string kHeard = "everybody hears each message";

std::string name_of(std::size_t client) {
    return "c" + std::to_string(client);
}

// Lines with which somebody only finds out whether it is connected.
std::string here(std::size_t gathered, int attempt) {
    return "here " + std::to_string(gathered) + "." + std::to_string(attempt);
}
bool is_talk(const std::string& line) {
    return line.find(": here ") == std::string::npos;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

std::size_t count(std::string_view text, std::string_view word) {
    std::size_t found = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + word.size()))
        ++found;
    return found;
}

// How many gaps `some` has, which has the lines of `all` in their order, but for some of them;
// none if it has not.
std::optional<std::size_t> gaps_in(const std::vector<std::string>& some,
                                   const std::vector<std::string>& all) {
    std::size_t gaps = 0;
    auto at = all.begin();
    for (const std::string& line : some) {
        const auto found = std::find(at, all.end(), line);
        if (found == all.end()) return std::nullopt;
        if (found != at) ++gaps;
        at = found + 1;
    }
    return at == all.end() ? gaps : gaps + 1;
}

void wait(std::chrono::milliseconds time) {
    // Nothing is to be waited for but the time itself.
    poll(nullptr, 0, static_cast<int>(time.count()));
}

}  // namespace

RoomSize RoomSize::from_environment() {
    RoomSize size;
    const char* const rooms = std::getenv("LAB_ROOMS");
    if (rooms && std::string_view(rooms) == "full")
        size = {.clients = 300, .lines = 20, .pause = 3s, .seed = size.seed};
    if (const char* const seed = std::getenv("LAB_SEED"))
        size.seed = static_cast<unsigned int>(std::strtoul(seed, nullptr, 10));
    return size;
}

SharedRoom::SharedRoom(std::string step, const std::vector<std::string>& options, Place place)
    : step_(std::move(step)) {
    std::vector<std::string> command{"--broker", redis_.room("lounge")}, ports;
    command.insert(command.end(), options.begin(), options.end());
    for (int i = 0; i < 3; ++i) {
        servers_.push_back(std::make_unique<Server>(step_, command, place));
        ports.push_back(servers_.back()->port());
    }
    const bool is_websocket = step_ == "05_ws_chat";
    nginx_ = std::make_unique<Nginx>(
        ports,
        std::string("proxy_buffering off; proxy_http_version 1.1; ") +
            (is_websocket
                 ? "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
                 : "proxy_set_header Connection '';"),
        "", place);
    const std::string url =
        is_websocket ? "ws://127.0.0.1:" + nginx_->port() + "/ws" : nginx_->url();
    for (std::size_t i = 0; i < size_.clients; ++i) {
        clients_.push_back(std::make_unique<Program>(
            url_client_command(step_, url, {"--name", name_of(i)}), Streams::pipes, place));
    }
    gather(place);
}

// --- what happens -------------------------------------------------------------------------------

void SharedRoom::talk(Place place) {
    const auto begin = Clock::now();
    std::mt19937 random(size_.seed);
    std::vector<Accident> accidents{Accident::kill, Accident::end, Accident::pause,
                                    Accident::restart};
    std::shuffle(accidents.begin(), accidents.end(), random);
    for (std::size_t i = 0; i < accidents.size(); ++i) {
        // One accident may come before the last one is over. Only for a server that is told to end
        // is it measured how fast its clients are at another one.
        if (accidents[i] == Accident::end || random() % 2) gather(place);
        const std::size_t most = (size_.lines - said_) / (accidents.size() - i);
        say(1 + random() % most, place);
        // It happens in the middle of the talk: some of the lines are in the room by now.
        redis_.run("XREAD BLOCK 100 STREAMS lounge $\r\n", place);
        happen(accidents[i], place);
    }
    say(size_.lines - said_, place);
    gather(place);
    for (auto& client : clients_) client->write_input("end\n", place);
    hear_everybody(place);
    if (size_.clients < 100) return;
    const std::chrono::duration<double> passed = Clock::now() - begin;
    std::size_t deliveries = 0;
    for (const Lines& lines : heard_) deliveries += lines.size();
    std::cout << step_ << ", seed " << size_.seed << ": " << deliveries << " deliveries in "
              << passed.count() << " s" << std::endl;
}

// Everybody says some more lines.
void SharedRoom::say(std::size_t lines, Place place) {
    std::string text;
    for (; lines > 0; --lines) text += std::to_string(said_++) + "\n";
    for (auto& client : clients_) client->write_input(text, place);
}

void SharedRoom::happen(Accident accident, Place place) {
    switch (accident) {
        case Accident::kill:
            servers_[0]->send_signal(SIGKILL);
            servers_[0]->expect_end_by(SIGKILL, "SIGKILL ends every program", place);
            servers_[0].reset();
            break;
        case Accident::end:
            end_server(place);
            break;
        case Accident::pause:
            redis_.pause();
            wait(size_.pause);
            redis_.resume();
            break;
        case Accident::restart:
            redis_.kill(place);
            redis_.start(place);
            break;
    }
}

void SharedRoom::end_server(Place place) {
    const auto begin = Clock::now();
    servers_[1]->send_signal(SIGTERM);
    servers_[1]->expect_exit(0, "a server that is told to end does so within a second", kDeadline,
                             place);
    servers_[1].reset();
    // A client of 07 is at no server while it asks for nothing.
    if (step_ == "07_longpoll") return;
    while (present() < size_.clients && Clock::now() - begin < kDeadline + kStart) wait(5ms);
    const auto passed = Clock::now() - begin;
    if (size_.clients >= 100) {
        std::cout << step_ << ": the clients of a server that ended were at another one after "
                  << std::chrono::duration_cast<std::chrono::milliseconds>(passed).count() << " ms"
                  << std::endl;
    }
    if (took_longer(passed, 1s)) {
        fail("all clients at other servers within 1 s",
             std::to_string(present()) + " of " + std::to_string(size_.clients),
             "a server that ends says goodbye, and another one is there", place);
    }
}

// How many clients are connected to a server.
std::size_t SharedRoom::present() const {
    std::size_t clients = 0;
    for (const auto& server : servers_) {
        if (!server) continue;
        const std::string log = server->errors();
        clients += count(log, " joined as ") + count(log, " listens") - count(log, " left\n");
    }
    return clients;
}

// Returns when everybody hears itself: those that do not say so again, after a wait that grows.
void SharedRoom::gather(Place place) {
    ++gathered_;
    std::vector<std::size_t> missing(clients_.size());
    std::iota(missing.begin(), missing.end(), std::size_t{0});
    std::chrono::milliseconds limit = 1s;
    for (int attempt = 0; !missing.empty(); ++attempt, limit *= 2) {
        if (limit > 4 * kDeadline) {
            fail("each client hears itself", name_of(missing[0]) + " does not",
                 "a client comes back", place);
        }
        const std::string line = here(gathered_, attempt);
        for (const std::size_t i : missing) clients_[i]->write_input(line + "\n", place);
        const auto end = Clock::now() + limit;
        std::erase_if(missing, [&](std::size_t i) {
            const auto left = std::max(end - Clock::now(), Clock::duration(0));
            return clients_[i]->prints(name_of(i) + ": " + line,
                                       std::chrono::duration_cast<std::chrono::milliseconds>(left));
        });
    }
}

void SharedRoom::hear_everybody(Place place) {
    heard_.assign(clients_.size(), {});
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        for (std::size_t ends = 0; ends < clients_.size();) {
            std::string line = clients_[i]->read_line(kHeard, kStart, place);
            if (line.ends_with(": end")) ++ends;
            if (is_talk(line)) heard_[i].push_back(std::move(line));
        }
    }
}

void SharedRoom::begin_again(const std::string& words, Place place) {
    redis_.kill(place);
    redis_.lose_data();
    redis_.start(place);
    for (auto& client : clients_) client->expect_error(words, "a new room is told of", place);
    gather(place);
}

void SharedRoom::leave(int status, Place place) {
    for (auto& client : clients_) client->end_input();
    for (auto& client : clients_)
        client->expect_exit(status, "everything was confirmed and came back", kDeadline, place);
}

// --- what was heard -----------------------------------------------------------------------------

std::size_t SharedRoom::expect_one_order(Place place) {
    for (const Lines& heard : heard_)
        if (heard != heard_[0]) expect_bytes(joined(heard_[0]), joined(heard), kOneOrder, place);
    return expect_all_of(heard_[0], place);
}

void SharedRoom::expect_one_order_or_gaps(Place place) {
    const auto words_of_gaps = [](const Program& client) {
        const std::string errors = client.errors();
        return count(errors, "next try in") + count(errors, "some messages are missing");
    };
    const auto stayed = [&](const auto& client) { return words_of_gaps(*client) == 0; };
    const auto one = std::ranges::find_if(clients_, stayed);
    if (one == clients_.end())
        fail("a client whose server stayed", "none", "one of three servers stays", place);
    const Lines& all = heard_[static_cast<std::size_t>(one - clients_.begin())];
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        const auto gaps = gaps_in(heard_[i], all);
        if (!gaps) expect_bytes(joined(all), joined(heard_[i]), kOneOrder, place);
        const std::size_t told = words_of_gaps(*clients_[i]);
        if (*gaps <= told) continue;
        fail("a word of each gap on stderr of " + name_of(i),
             std::to_string(told) + " for " + std::to_string(*gaps),
             "a client that loses its server tells its user", place);
    }
    expect_all_of(all, place);
}

// Each line is there once, in the order of its client, or its client has complained of it. Returns
// how many are missing.
std::size_t SharedRoom::expect_all_of(const Lines& heard, Place place) {
    const std::set<std::string> once(heard.begin(), heard.end());
    if (once.size() != heard.size())
        fail("each message once", joined(heard), "no message is said twice", place);
    std::size_t missing = 0;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
        auto from = heard.begin();
        const std::string errors = clients_[i]->errors();
        for (std::size_t line = 0; line < size_.lines; ++line) {
            const std::string number = std::to_string(line);
            const std::string text = name_of(i) + ": " + number;
            if (once.contains(text)) {
                from = std::find(from, heard.end(), text);
                if (from == heard.end())
                    fail(text + " in its order", joined(heard), kOneOrder, place);
                continue;
            }
            ++missing;
            const bool complained = errors.find("\"" + number + "\"") != std::string::npos ||
                                    errors.find("\"" + text + "\"") != std::string::npos;
            if (complained) continue;
            fail("the message \"" + text + "\", or a complaint of its client", errors,
                 "no message is lost in silence", place);
        }
    }
    return missing;
}

}  // namespace lab::test
