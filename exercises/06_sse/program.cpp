// 06_sse: a stream of events over HTTP (WHATWG, HTML, section 9.2), a thread for each connection.
#include <netdb.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

constexpr std::size_t kMaxBody = 65536;    // bytes of a text that is published
constexpr std::size_t kMaxHead = 16384;    // bytes of a line
constexpr std::size_t kMaxWaiting = 1000;  // events; a stream that lacks more is cut off
constexpr std::size_t kHistory = 1000;     // events that are kept for those who come back

struct Options {
    std::string role, host = "127.0.0.1", port = "8006", name = "User";
};

// Returns what a system call returned, or throws if it failed.
ssize_t check(const std::string& call, ssize_t result) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), call);
    return result;
}

// Calls bind or connect with the first address of the host, and returns the socket.
int open_socket(const Options& options, bool to_listen) {
    addrinfo hints{};
    addrinfo* address = nullptr;
    hints.ai_socktype = SOCK_STREAM;
    const int failure = getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &address);
    if (failure) throw std::runtime_error(gai_strerror(failure));
    const int one = 1;
    const int number =
        static_cast<int>(check("socket", socket(address->ai_family, SOCK_STREAM, 0)));
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const auto call = to_listen ? bind : connect;
    check(to_listen ? "bind" : "connect", call(number, address->ai_addr, address->ai_addrlen));
    freeaddrinfo(address);
    return number;
}

// The bytes of a connection, as many as one wants. Closes the socket when it goes out of scope.
class Stream {
 public:
    explicit Stream(int socket) : socket_(socket) {}
    ~Stream() { close(socket_); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    int socket() const { return socket_; }
    void send_all(std::string_view bytes) {  // one send may take a part: sends the rest again
        while (!bytes.empty())
            bytes.remove_prefix(static_cast<std::size_t>(
                check("send", send(socket_, bytes.data(), bytes.size(), 0))));
    }
    std::string read(std::size_t size) {  // exactly so many bytes
        while (arrived_.size() < size) fill();
        return take(size);
    }
    std::string read_some() {  // what is there, at least a byte
        if (arrived_.empty()) fill();
        return take(arrived_.size());
    }
    std::string read_line() {  // without its CRLF
        std::size_t end = 0;
        while ((end = arrived_.find("\r\n")) == std::string::npos) {
            if (arrived_.size() > kMaxHead) throw std::runtime_error("a line has no end");
            fill();
        }
        std::string line = take(end);
        take(2);
        return line;
    }

 private:
    void fill() {
        char buffer[16384];
        const ssize_t count = check("recv", recv(socket_, buffer, sizeof buffer, 0));
        if (count == 0) throw std::runtime_error("the other side has ended the connection");
        arrived_.append(buffer, static_cast<std::size_t>(count));
    }
    std::string take(std::size_t size) {
        std::string bytes = arrived_.substr(0, size);
        arrived_.erase(0, size);
        return bytes;
    }

    int socket_;
    std::string arrived_;  // the bytes that nobody has read yet
};

using Fields = std::map<std::string, std::string>;

// A request or an answer: its first line in three words, its fields by their names in lower case.
struct Message {
    std::string words[3];
    Fields fields;
    std::string body;
};

// A body has a length, or comes in chunks (RFC 9112, section 6), or there is none.
std::string read_body(Stream& stream, const Fields& fields) {
    const auto field = [&](const std::string& name) {
        return fields.contains(name) ? fields.at(name) : "";
    };
    const std::size_t length = std::strtoul(field("content-length").c_str(), nullptr, 10);
    if (length > kMaxBody) throw std::runtime_error("the body is too long");
    if (field("transfer-encoding").empty()) return stream.read(length);
    std::string body;
    while (const std::size_t size = std::stoul(stream.read_line(), nullptr, 16)) {
        if (size > kMaxBody - body.size()) throw std::runtime_error("the body is too long");
        body += stream.read(size);
        stream.read_line();
    }
    while (!stream.read_line().empty()) {
    }
    return body;
}

Message read_head(Stream& stream) {
    Message message;
    const std::string first = stream.read_line();
    const std::size_t one = std::min(first.find(' '), first.size());
    const std::size_t two = std::min(first.find(' ', one + 1), first.size());
    message.words[0] = first.substr(0, one);
    message.words[1] = first.substr(std::min(one + 1, first.size()), two - one - 1);
    message.words[2] = first.substr(std::min(two + 1, first.size()));
    for (std::string line; !(line = stream.read_line()).empty();) {
        const std::size_t colon = std::min(line.find(':'), line.size() - 1);
        std::string name = line.substr(0, colon);
        for (char& letter : name) letter = static_cast<char>(std::tolower(letter));
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        if (begin != std::string::npos) message.fields[name] = line.substr(begin);
        if (message.fields.size() > 100) throw std::runtime_error("too many fields");
    }
    return message;
}

Message read_message(Stream& stream) {
    Message message = read_head(stream);
    message.body = read_body(stream, message.fields);
    return message;
}

std::string percent_decoded(std::string text) {
    std::ranges::replace(text, '+', ' ');
    for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; ++at) {
        const long byte = std::strtol(text.substr(at + 1, 2).c_str(), nullptr, 16);
        text.replace(at, 3, 1, static_cast<char>(byte));
    }
    return text;
}

// {name: value} of a query, or of a form: "after=7&wait=25".
Fields fields_of(const std::string& query) {
    Fields fields;
    std::istringstream parts(query);
    for (std::string part; std::getline(parts, part, '&');) {
        const std::size_t equals = std::min(part.find('='), part.size());
        const std::string value = part.substr(std::min(equals + 1, part.size()));
        fields.emplace(percent_decoded(part.substr(0, equals)), percent_decoded(value));
    }
    return fields;
}

void respond(Stream& stream, const std::string& status, const std::string& type,
             const std::string& body) {
    stream.send_all("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\nCache-Control: no-store\r\n\r\n" + body);
}

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
    const std::string& target = request.words[1];
    const std::size_t end = std::min(target.find('?'), target.size());
    const std::string path = target.substr(0, end);
    Fields fields = fields_of(target.substr(std::min(end + 1, target.size())));
    if (path == "/events" && request.words[0] == "GET")
        return answer_with_stream(stream, request.fields);
    if (path == "/publish" && request.words[0] == "POST") {
        std::string text = request.body;
        // checkpoint 6 begin: a form has its text in a field, and its fields come before the
        // query's
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

// "127.0.0.1:8006": where the socket is bound, which port 0 leaves to the kernel.
std::string local_address(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    check("getsockname", getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size));
    getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    return std::string(host) + ":" + port;
}

void serve(const Options& options) {
    const int listener = open_socket(options, true);
    check("listen", listen(listener, SOMAXCONN));
    std::cout << "listening on " << local_address(listener) << std::endl;
    for (;;) {
        const int connection =
            static_cast<int>(check("accept", accept(listener, nullptr, nullptr)));
        std::thread([connection] {
            try {
                Stream stream(connection);
                for (;;) answer(stream, read_message(stream));  // HTTP/1.1 keeps the connection
            } catch (const std::exception&) {
                // The client has left, or said what is no HTTP.
            }
        }).detach();
    }
}

std::string percent_encoded(const std::string& text) {
    std::string encoded;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        char digits[4];
        std::snprintf(digits, sizeof digits, "%%%02X", byte);
        encoded +=
            std::isalnum(byte) && byte < 0x80 ? std::string(1, static_cast<char>(byte)) : digits;
    }
    return encoded;
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

Options parse_options(int argc, char** argv) {
    Options options;
    if (argc > 1) options.role = argv[1];
    bool good = options.role == "server" && argc % 2 == 0;
    for (int i = 2; good && i < argc; i += 2) {
        const std::string_view name = argv[i];
        good = name == "--host" || name == "--port";
        (name == "--host" ? options.host : options.port) = argv[i + 1];
    }
    const std::string url = argc > 2 ? argv[2] : "";
    if (options.role == "client" && url.starts_with("http://")) {
        const std::size_t end = std::min(url.find('/', 7), url.size());
        const std::size_t colon = std::min(url.find(':', 7), end);
        options.host = url.substr(7, colon - 7);
        options.port = colon < end ? url.substr(colon + 1, end - colon - 1) : "80";
        good = argc == 3 || (argc == 5 && std::string_view(argv[3]) == "--name");
        if (argc == 5) options.name = argv[4];
    }
    if (good) return options;
    std::cerr << "usage: 06_sse server [--host ADDRESS] [--port N]\n"
                 "       06_sse client http://HOST:PORT [--name NAME]\n";
    std::exit(2);
}

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve(options) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "06_sse: " << error.what() << '\n';
        return 1;
    }
}
