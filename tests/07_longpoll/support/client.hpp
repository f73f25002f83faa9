// Helpers for the tests of the client of 07_longpoll.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/07_longpoll/support/longpoll.hpp"
#include "tests/07_longpoll/support/station.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/server.hpp"

namespace lab::test::longpoll {

/// The client, for the server at `url`.
inline std::vector<std::string> client_command_for(const std::string& url,
                                                   const std::vector<std::string>& options = {}) {
    return url_client_command(kStep, url, options);
}
inline std::vector<std::string> client_of(const Server& server,
                                          const std::vector<std::string>& options = {}) {
    return client_command_for("http://127.0.0.1:" + server.port(), options);
}

/// The client, and the tests' own server, whose epoch is e1. The client has asked where the chat
/// is, and has been told that `last` messages were said before.
struct Conversation {
    Station station;
    Program client;

    explicit Conversation(const std::vector<std::string>& options = {}, std::uint64_t last = 0,
                          Streams streams = Streams::pipes)
        : client(client_command_for(station.url(), options), streams) {
        station.answer(station.next_get("begin by asking where the chat is"),
                       {{}, last, false, "e1"});
    }

    /// The next POST of a client that polls: whatever it asks before is answered with nothing.
    Asked next_post_of_poller(Place place = Place::here()) {
        for (int i = 0; i < 500 && station.is_silent("POST", std::chrono::milliseconds(20)); ++i) {
            if (!station.is_silent("GET", std::chrono::milliseconds(0)))
                station.answer(station.next_get("there is one"), {{}, 0, false, "e1"}, place);
        }
        return station.next_post("POST each line", place);
    }

    /// Answers the next GET with these messages.
    void say(const std::vector<Message>& messages, Place place = Place::here()) {
        station.answer(station.next_get("ask for the news", place),
                       {messages, messages.back().id, false, "e1"}, place);
    }
    /// `post` has become the last of `messages`, which all hear.
    void confirm_and_say(const Asked& post, const std::vector<Message>& messages,
                         Place place = Place::here()) {
        station.answer(post, Receipt{messages.back().id, "e1"}, place);
        say(messages, place);
    }
};

}  // namespace lab::test::longpoll
