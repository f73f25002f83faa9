// A participant of the comparison, and a server of the tests' own for it.
#pragma once

#include <doctest/doctest.h>

#include <poll.h>

#include <array>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "compare/participants/participant.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/listener.hpp"

namespace lab::test {

/// A participant, served by the thread of the test while one of the members that wait is called.
struct Talk {
    Listener listener;  // for one that has no other server
    std::unique_ptr<compare::Participant> participant;

    explicit Talk(const std::string& transport)
        : participant(join(compare::find_transport(transport), {.port = listener.port()})) {}
    Talk(const std::string& transport, const compare::ParticipantOptions& seat)
        : participant(join(compare::find_transport(transport), seat)) {}

    void serve_until(const std::function<bool()>& done) const {
        const auto deadline = compare::Clock::now() + kDeadline;
        while (!done() && compare::Clock::now() < deadline) {
            std::array<pollfd, 2> sockets = participant->watched();
            poll(sockets.data(), sockets.size(), 10);
            participant->proceed(sockets[0].revents != 0, sockets[1].revents != 0);
        }
        CHECK(done());
    }
    void send_all() const {
        serve_until([&] {
            return (participant->watched()[0].events & POLLOUT) == 0 &&
                   (participant->watched()[1].events & POLLOUT) == 0;
        });
    }
    /// The text that it hears next.
    [[nodiscard]] std::string hear() const {
        std::vector<compare::Heard> heard;
        serve_until([&] {
            if (heard.empty()) heard = participant->take_heard();
            return !heard.empty();
        });
        return heard.empty() ? "" : heard.front().text;
    }
    /// What it says against its server, sooner or later.
    [[nodiscard]] std::string complaint() const {
        try {
            serve_until([] { return false; });
        } catch (const std::runtime_error& error) {
            return error.what();
        }
        return {};
    }
    Connection accept() {
        send_all();
        return listener.accept();
    }
};

}  // namespace lab::test
