// The client of 06_sse as tests use it, and the tests' own server for it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/commands.hpp"
#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/program.hpp"

namespace lab::test::sse_client {

inline const std::string kStep = "06_sse";

inline std::string url_of(const std::string& port) {
    return "http://127.0.0.1:" + port;
}

/// How an answer begins that is an event stream, which ends with the connection.
inline constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n";

/// Waits for the client, whose next request must be for the stream; puts its head into `request`.
inline Connection accept_reader(Listener& listener, HttpHead& request,
                                Place place = Place::here()) {
    Connection stream = listener.accept(place);
    request = receive_request(stream, "ask for the stream", place).head;
    if (!request.first_line.starts_with("GET /events "))
        fail("GET /events", request.first_line, "ask for the stream", place);
    return stream;
}

/// The client, and the tests' own server, on whose stream a case says what it wants.
struct Conversation {
    Listener listener;
    Program client;
    HttpHead request;
    Connection stream;

    /// `head` begins the answer.
    explicit Conversation(const std::vector<std::string>& options = {},
                          Streams streams = Streams::pipes, std::string_view head = kStreamHead)
        : client(url_client_command(kStep, url_of(listener.port()), options), streams),
          stream(accept_reader(listener, request)) {
        stream.send(head);
    }

    /// Ends the stream, and waits until the client asks for it again.
    void end_stream(Place place = Place::here()) {
        stream.finish();
        stream = accept_reader(listener, request, place);
    }
};

/// The connection on which the client publishes.
struct Publishing {
    Connection connection;

    explicit Publishing(Listener& listener, Place place = Place::here())
        : connection(listener.accept(place)) {}

    HttpResponse receive(Place place = Place::here()) {
        HttpResponse post =
            receive_request(connection, "each line of the input is POSTed to /publish", place);
        if (!post.head.first_line.starts_with("POST /publish"))
            fail("POST /publish", post.head.first_line, "publish each line of the input", place);
        return post;
    }
    void expect(std::string_view text, Place place = Place::here()) {
        expect_bytes(text, receive(place).body, "each line of the input is POSTed to /publish",
                     place);
    }
    /// Answers as a server does that has made it the event `id`.
    void accept_as(int id, Place place = Place::here()) {
        connection.send(http_response("202 Accepted", std::to_string(id) + "\n"), place);
    }
};

}  // namespace lab::test::sse_client
