// The transports that are compared: each is a server program and the way to connect to it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace compare {

enum class ConnectionKind { lines, websocket, event_stream, long_polling, polling, datagrams };

/// The clients that receive a message.
enum class Audience {
    everyone,  // the writer too
    others,    // all but the writer
    oneself,   // an echo: the writer alone
};

/// The traffic of a connection over which nobody speaks: a ping, a comment, an empty answer.
struct KeepAlive {
    std::chrono::milliseconds period;         // at the server's defaults
    std::chrono::milliseconds short_period;   // the period in a measurement, which cannot wait
    std::vector<std::string> server_options;  // which give the server the short period
};

/// A row of the comparison.
struct Transport {
    std::string name;   // on the command line: "longpoll"
    std::string title;  // for people: "long polling"
    std::string step;   // the program: "07_longpoll"
    ConnectionKind kind = ConnectionKind::lines;
    Audience audience = Audience::everyone;
    std::vector<std::string> options{};  // of the server: they lift its limits
    std::optional<KeepAlive> keep_alive{};
    std::chrono::milliseconds interval{0};  // of polling

    /// An echo puts no name before a message.
    [[nodiscard]] bool is_echo() const { return audience == Audience::oneself; }
    /// Whether a client is told that it is in. Over a bare stream of lines only a message shows it.
    [[nodiscard]] bool confirms_joining() const { return kind != ConnectionKind::lines; }
};

/// The transport called `name`; "ajax-250" polls every 250 ms. Throws std::runtime_error, which
/// lists the names that there are.
Transport find_transport(const std::string& name);

/// The transport of the step with that name or number; of 07, long polling. Throws
/// std::runtime_error if there is no such step.
Transport transport_of_step(const std::string& step);

/// The names of the transports that are compared by default.
inline const std::vector<std::string> kDefaultTransports{
    "lines", "websocket", "sse", "longpoll", "ajax-100", "ajax-1000", "ajax-5000", "udp"};

/// The same for rooms that several servers share.
inline const std::vector<std::string> kSharedTransports{"websocket", "sse", "longpoll"};

}  // namespace compare
