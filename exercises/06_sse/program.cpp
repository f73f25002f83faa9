// 06_sse: a stream of events over HTTP (WHATWG, HTML, section 9.2), a thread for each connection.
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "query.hpp"

constexpr std::size_t kMaxWaiting = 1000;  // events; a stream that lacks more is cut off
constexpr std::size_t kHistory = 1000;     // events that are kept for those who come back

// The bytes of an event. Each line of the text is a field of its own: none breaks out of it.
std::string event_of(unsigned long id, const std::string& text, const std::string& type) {
    std::string event = "id: " + std::to_string(id) + "\n";
    // checkpoint 5 begin: an event that has a type names it
    if (!type.empty()) event += "event: " + type + "\n";
    // checkpoint 5 starter:
    // (void)type;
    // checkpoint 5 end
    event += "data: ";
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        const bool ends_line = text[i] == '\n' || text[i] == '\r';
        event += ends_line ? "\ndata: " : std::string(1, text[i]);
    }
    return event + "\n\n";
}

struct Event {
    unsigned long id;
    std::string bytes;
};

// The events that wait for one who listens.
struct Listener {
    std::deque<std::string> events;
    bool cut_off = false;
};

std::mutex mutex;                 // guards all below: no thread sends while it holds it
std::condition_variable changed;  // wakes the threads of the streams
unsigned long last_id = 0;
std::deque<Event> history;
std::vector<Listener*> listeners;

// Gives the event to every stream; returns its id.
unsigned long publish(const std::string& text, const std::string& type) {
    const std::lock_guard lock(mutex);
    ++last_id;
    // checkpoint 4 begin: every stream gets the event, and history keeps it
    history.push_back({last_id, event_of(last_id, text, type)});
    if (history.size() > kHistory) history.pop_front();
    for (Listener* const listener : listeners) {
        listener->events.push_back(history.back().bytes);
        listener->cut_off = listener->events.size() > kMaxWaiting;
    }
    changed.notify_all();
    // checkpoint 4 starter:
    // event_of(last_id, text, type);
    // checkpoint 4 end
    return last_id;
}

// Sends the events of this listener, until its client has gone: then send throws.
void send_events(Stream& stream, Listener& listener) {
    for (;;) {
        std::string bytes;
        {
            std::unique_lock lock(mutex);
            const auto there_is_one = [&] { return !listener.events.empty(); };
            changed.wait_for(lock, std::chrono::seconds(15), there_is_one);
            if (listener.cut_off) return;
            if (listener.events.empty()) bytes = ":\n\n";  // a comment keeps the connection awake
            for (const std::string& event : listener.events) bytes += event;
            listener.events.clear();
        }
        stream.send_all(bytes);
    }
}

// The events that were published after the Last-Event-ID of a request.
std::deque<std::string> missed_by(const Fields& fields) {
    std::deque<std::string> events;
    // checkpoint 7 begin: first what was missed
    if (!fields.contains("last-event-id")) return events;
    const unsigned long seen = std::strtoul(fields.at("last-event-id").c_str(), nullptr, 10);
    for (const Event& event : history)
        if (event.id > seen) events.push_back(event.bytes);
    // checkpoint 7 starter:
    // (void)fields;
    // checkpoint 7 end
    return events;
}

void answer_with_stream(Stream& stream, const Fields& fields) {
    // checkpoint 3 begin: an answer that never ends: its head, then the time until a reconnection
    Listener listener;
    {
        const std::lock_guard lock(mutex);
        listener.events = missed_by(fields);
        listeners.push_back(&listener);
    }
    try {
        stream.send_all(
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
            "Connection: close\r\n\r\nretry: 2000\n\n");
        send_events(stream, listener);
    } catch (const std::exception&) {
        // The client has gone.
    }
    {
        const std::lock_guard lock(mutex);
        std::erase(listeners, &listener);
    }
    // checkpoint 3 starter:
    // (void)stream, (void)fields;
    // checkpoint 3 end
    throw std::runtime_error("the end of a stream is the end of its connection");
}

void answer(Stream& stream, Message request) {
    const std::string path = request.path();
    Fields fields = fields_of(request.query());
    if (path == "/events" && request.words[0] == "GET")
        return answer_with_stream(stream, request.fields);
    if (path == "/publish" && request.words[0] == "POST") {
        std::string text = request.body;
        // checkpoint 6 begin: a form has its text in a field, and comes before the query
        if (request.fields["content-type"].starts_with("application/x-www-form-urlencoded")) {
            Fields form = fields_of(text);
            form.merge(fields);
            fields = form;
            text = fields["text"];
        }
        // checkpoint 6 end
        // checkpoint 5 begin: a name stands before the text
        if (fields.contains("name")) text = fields["name"] + ": " + text;
        // checkpoint 5 end
        if (fields["event"].find_first_of("\r\n") != std::string::npos)
            return respond(stream, "400 Bad Request", "text/plain", "a type is one line\n");
        // checkpoint 4 begin: publish the text, and answer with its id
        const unsigned long id = publish(text, fields["event"]);
        return respond(stream, "202 Accepted", "text/plain", std::to_string(id) + "\n");
        // checkpoint 4 starter:
        // throw std::runtime_error("POST is not there yet");
        // checkpoint 4 end
    }
    // checkpoint 2 begin: a browser that asks for / gets a page, and anything else is 404
    if (path == "/") {
        return respond(stream, "200 OK", "text/html",
                       "<!DOCTYPE html><title>06 SSE</title><script>"
                       "new EventSource('/events').onmessage = console.log</script>\n");
    }
    respond(stream, "404 Not Found", "text/plain", "there is no such thing here\n");
    // checkpoint 2 starter:
    // throw std::runtime_error("pages are not there yet");
    // checkpoint 2 end
}

// The life of a connection's thread: HTTP/1.1 keeps the connection for the next request.
void serve(Stream& stream) {
    for (;;) answer(stream, read_message(stream));
}

// The part of the stream that a client has seen.
struct Seen {
    std::mutex mutex;  // guards all below
    std::condition_variable changed;
    unsigned long id = 0;
    std::chrono::milliseconds wait{2000};  // until the next try
};

// One line of the stream; an empty one ends an event, whose `data` is printed.
void take_line(const std::string& line, std::string& data, unsigned long& id, Seen& seen) {
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string field = line.substr(0, colon);
    std::string value = line.substr(std::min(colon + 1, line.size()));
    if (value.starts_with(' ')) value.erase(0, 1);
    if (field == "data") data += value + '\n';
    if (field == "id") id = std::strtoul(value.c_str(), nullptr, 10);
    const std::lock_guard lock(seen.mutex);
    if (field == "retry") seen.wait = std::chrono::milliseconds(std::atol(value.c_str()));
    if (!line.empty() || data.empty()) return;
    std::cout << data << std::flush;
    data.clear();
    seen.id = id;
    seen.changed.notify_one();
}

// Asks for the stream; what was seen last says where it goes on.
std::unique_ptr<Stream> open_stream(const Options& options, Seen& seen) {
    // checkpoint 8 begin: GET /events, with Last-Event-ID if there was one
    auto stream = std::make_unique<Stream>(open_socket(options, false));
    const std::string last = "Last-Event-ID: " + std::to_string(seen.id) + "\r\n";
    stream->send_all("GET /events HTTP/1.1\r\nHost: " + options.host + ":" + options.port +
                     "\r\nAccept: text/event-stream\r\n" + (seen.id ? last : "") + "\r\n");
    const Message response = read_head(*stream);
    if (response.words[1] != "200")
        throw std::runtime_error("the server answers " + response.words[1]);
    if (response.fields.contains("transfer-encoding"))
        throw std::runtime_error("this client reads no chunks");
    return stream;
    // checkpoint 8 starter:
    // std::cerr << "06_sse: no client yet for " << options.host << seen.id << '\n';
    // std::_Exit(77);
    // checkpoint 8 end
}

// The life of the thread that reads: it comes back when the stream has ended.
void follow(const Options& options, std::unique_ptr<Stream> stream, Seen& seen) {
    for (;;) {
        std::string line, data;
        unsigned long id = seen.id;
        try {
            if (!stream) stream = open_stream(options, seen);
            for (;;) {
                for (const char byte : stream->read_some()) {
                    if (byte == '\n') {
                        take_line(line, data, id, seen);
                        line.clear();
                    } else if (byte != '\r') {
                        line += byte;
                    }
                }
            }
        } catch (const std::exception& error) {
            stream.reset();
            std::cerr << "06_sse: " << error.what() << "; next try in " << seen.wait.count()
                      << " ms\n";
            std::this_thread::sleep_for(seen.wait);
        }
    }
}

void talk(const Options& options) {
    Seen seen;
    auto stream = open_stream(options, seen);
    std::thread([&] { follow(options, std::move(stream), seen); }).detach();
    // checkpoint 9 begin: publish each line, and leave when all of it has come back
    Stream posts(open_socket(options, false));
    unsigned long last = 0;
    for (std::string line; std::getline(std::cin, line) && strcasecmp(line.c_str(), "exit") != 0;) {
        posts.send_all("POST /publish?name=" + percent_encoded(options.name) +
                       " HTTP/1.1\r\nHost: " + options.host + ":" + options.port +
                       "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " +
                       std::to_string(line.size()) + "\r\n\r\n" + line);
        last = std::strtoul(read_message(posts).body.c_str(), nullptr, 10);
    }
    std::unique_lock lock(seen.mutex);
    seen.changed.wait_for(lock, std::chrono::seconds(10), [&] { return seen.id >= last; });
    std::_Exit(0);  // the other thread may wait for the stream
    // checkpoint 9 starter:
    // for (;;) pause();
    // checkpoint 9 end
}

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv, "http://", {"8006", "/", "User"});
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve_each(options, serve) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "06_sse: " << error.what() << '\n';
        return 1;
    }
}
