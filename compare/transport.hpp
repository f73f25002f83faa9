// The transports that are compared: which program serves them, and who takes part how.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compare/participant.hpp"

namespace compare {

/// How a participant speaks.
enum class Way { lines, websocket, event_stream, long_polling, polling, datagrams };

/// The clients that hear a message.
enum class Audience {
    everyone,  // the writer too
    others,    // all but the writer
    oneself,   // an echo: the writer alone
};

/// The traffic that comes without anybody speaking.
struct Beat {
    std::chrono::milliseconds period;         // between two of them, at the server's defaults
    std::chrono::milliseconds short_period;   // the same, to be watched in a short time
    std::vector<std::string> server_options;  // that make it short
};

/// A row of the comparison. A plain value.
struct Transport {
    std::string name;   // on the command line: "longpoll"
    std::string title;  // for people: "long polling"
    std::string step;   // the program: "07_longpoll"
    Way way = Way::lines;
    Audience audience = Audience::everyone;
    bool names = true;                      // whether a message has the writer's name before it
    std::vector<std::string> options{};     // of the server, which lift its limits
    std::chrono::milliseconds interval{0};  // of polling
    std::optional<Beat> beat{};
};

/// The transport called `name`; "ajax-250" polls every 250 ms. Throws std::runtime_error, which
/// says which there are. Any thread may call it.
Transport find_transport(const std::string& name);

/// The transport of the step called `step`, or of that number. Throws std::runtime_error, which
/// says which there are. Any thread may call it.
Transport transport_of_step(const std::string& step);

/// The names of all that are compared if nothing else is asked for.
const std::vector<std::string>& all_transports();

/// How one participant differs from another of the same transport.
struct Seat {
    std::string port;                         // of 127.0.0.1
    bool writes = false;                      // it will say much: its way to do so is opened
    std::chrono::milliseconds first_poll{0};  // after this much of the first interval
    std::optional<std::chrono::milliseconds>
        beat{};  // in place of Transport::interval, or the wait
};

/// Connects one more participant. Throws std::system_error if it cannot.
std::unique_ptr<Participant> take_seat(const Transport& transport, const Seat& seat);

}  // namespace compare
