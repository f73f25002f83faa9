// 07_longpoll: a chat over requests that wait for their answer, a thread for each connection.
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
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

constexpr std::size_t kMaxBody = 1 << 20;  // bytes
constexpr std::size_t kMaxHead = 16384;    // bytes of a line
constexpr std::size_t kHistory = 1000;     // messages that are kept

struct Options {
    std::string role, host = "127.0.0.1", port = "8007", name = "User";
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

// A string of JSON (RFC 8259, section 7): quotes, backslashes and control characters are escaped.
std::string json_string(const std::string& text) {
    std::string json = "\"";
    for (const char byte : text) {
        char escaped[7];
        std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned char>(byte));
        if (byte == '"' || byte == '\\')
            json += std::string("\\") + byte;
        else
            json += static_cast<unsigned char>(byte) < ' ' ? std::string(escaped)
                                                           : std::string(1, byte);
    }
    return json + "\"";
}

struct Said {
    unsigned long id;
    std::string name, text;
};

std::mutex mutex;              // guards all below
std::condition_variable news;  // wakes who waits for a message
std::deque<Said> messages;     // the last ones, with ids that rise by one
Fields ids_of_keys;            // by the key of a POST the id that its text got
const std::string epoch = std::to_string(std::random_device()());  // names this run of the server

unsigned long last_id() {
    return messages.empty() ? 0 : messages.back().id;
}

// Adds a message, and wakes all who wait; returns its id. A second one with the same key adds none.
unsigned long post(const std::string& name, const std::string& text, const std::string& key) {
    const std::lock_guard lock(mutex);
    if (ids_of_keys.contains(key)) return std::stoul(ids_of_keys[key]);
    messages.push_back({last_id() + 1, name, text});
    if (messages.size() > kHistory) messages.pop_front();
    if (ids_of_keys.size() > kHistory) ids_of_keys.clear();
    if (!key.empty()) ids_of_keys[key] = std::to_string(last_id());
    // checkpoint 5 begin: wake all who wait
    news.notify_all();
    // checkpoint 5 end
    return last_id();
}

// The messages that are newer than the id `after`, at the latest after `wait`, in JSON.
std::string ask(unsigned long after, std::chrono::seconds wait, bool other_run) {
    std::unique_lock lock(mutex);
    if (other_run) after = 0;
    // checkpoint 5 begin: while there is no news, wait for it, but not for ever
    if (!other_run) news.wait_for(lock, wait, [&] { return last_id() > after; });
    // checkpoint 5 starter:
    // (void)wait;
    // checkpoint 5 end
    std::string list;
    // checkpoint 4 begin: all messages with an id above `after`
    for (const Said& said : messages) {
        if (said.id <= after) continue;
        list += (list.empty() ? "{\"id\":" : ",{\"id\":") + std::to_string(said.id) +
                ",\"name\":" + json_string(said.name) + ",\"text\":" + json_string(said.text) + "}";
    }
    // checkpoint 4 end
    const bool gap = other_run || (!messages.empty() && messages.front().id > after + 1);
    return "{\"messages\":[" + list + "],\"last\":" + std::to_string(last_id()) +
           ",\"gap\":" + (gap ? "true" : "false") + ",\"epoch\":" + json_string(epoch) + "}";
}

void answer(Stream& stream, Message request) {
    const std::string& target = request.words[1];
    const std::size_t end = std::min(target.find('?'), target.size());
    const std::string path = target.substr(0, end);
    Fields query = fields_of(target.substr(std::min(end + 1, target.size())));
    if (path == "/messages" && request.words[0] == "GET") {
        const unsigned long after = std::strtoul(query["after"].c_str(), nullptr, 10);
        const long wait = query["wait"].empty() ? 25 : std::atol(query["wait"].c_str());
        const bool other_run = !query["epoch"].empty() && query["epoch"] != epoch;
        if (wait < 0 || wait > 60)
            return respond(stream, "400 Bad Request", "text/plain", "wait is at most 60\n");
        return respond(stream, "200 OK", "application/json",
                       ask(after, std::chrono::seconds(wait), other_run));
    }
    if (path == "/messages" && request.words[0] == "POST") {
        // checkpoint 3 begin: add the message, and answer 201 with its id
        const std::string name = query.contains("name") ? query["name"] : "User";
        const unsigned long id = post(name, request.body, request.fields["idempotency-key"]);
        return respond(stream, "201 Created", "application/json",
                       "{\"id\":" + std::to_string(id) + ",\"epoch\":" + json_string(epoch) + "}");
        // checkpoint 3 starter:
        // throw std::runtime_error("POST is not there yet");
        // checkpoint 3 end
    }
    // checkpoint 2 begin: a browser that asks for / gets a page, and anything else is 404
    if (path == "/")
        return respond(stream, "200 OK", "text/html",
                       "<!DOCTYPE html><title>07</title><h1>A chat that asks for news</h1>\n");
    respond(stream, "404 Not Found", "text/plain", "there is no such thing here\n");
    // checkpoint 2 starter:
    // throw std::runtime_error("pages are not there yet");
    // checkpoint 2 end
}

// "127.0.0.1:8007": where the socket is bound, which port 0 leaves to the kernel.
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

// Reads the JSON of an answer from its front on, as far as this chat needs it.
class Json {
 public:
    explicit Json(std::string_view text) : rest_(text) {}

    bool take(char token) {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    // A string without its quotes and escapes; of anything else the letters as they are.
    std::string value() {
        if (!take('"')) {
            const std::size_t end = std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size());
            return letters(end);
        }
        std::string text;
        while (!rest_.starts_with('"')) {
            if (rest_.empty()) throw std::runtime_error("the JSON ends too early");
            text += rest_.starts_with('\\') ? escaped() : letters(1);
        }
        rest_.remove_prefix(1);
        return text;
    }
    // Calls `member` with each key: it reads the value.
    template <class Member>
    void object(Member member) {
        if (!take('{')) throw std::runtime_error("this is no object of JSON");
        while (!take('}')) {
            take(',');
            const std::string key = value();
            if (!take(':')) throw std::runtime_error("a key has no value");
            member(key);
        }
    }

 private:
    std::string letters(std::size_t count) {
        const std::string text(rest_.substr(0, count));
        rest_.remove_prefix(count);
        return text;
    }
    std::string escaped() {
        const char letter = letters(2).back();
        const std::size_t which = std::string_view("bfnrt").find(letter);
        if (which != std::string_view::npos) return {"\b\f\n\r\t"[which]};
        if (letter != 'u') return {letter};
        unsigned long code = std::stoul(letters(4), nullptr, 16);
        if (code >= 0xD800 && code < 0xDC00) {  // the first half of a pair
            letters(2);
            code = 0x10000 + (code - 0xD800) * 0x400 + std::stoul(letters(4), nullptr, 16) - 0xDC00;
        }
        const auto byte = [](unsigned long bits) { return static_cast<char>(bits); };
        if (code < 0x80) return {byte(code)};
        if (code < 0x800) return {byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F))};
        if (code < 0x10000)
            return {byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)),
                    byte(0x80 | (code & 0x3F))};
        return {byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)),
                byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F))};
    }

    std::string_view rest_;
};

// One connection to the server, for one thread. A request is sent again until it is answered.
class Chat {
 public:
    explicit Chat(const Options& options) : options_(options) {}

    std::string request(const std::string& head, const std::string& body = "") {
        for (int tries = 0;; ++tries) {
            try {
                if (!stream_) stream_ = std::make_unique<Stream>(open_socket(options_, false));
                stream_->send_all(head + "Host: " + options_.host + ":" + options_.port +
                                  "\r\nContent-Length: " + std::to_string(body.size()) +
                                  "\r\n\r\n" + body);
                const Message response = read_message(*stream_);
                if (response.words[1].starts_with('2')) return response.body;
                throw std::logic_error("the server answers " + response.words[1]);
            } catch (const std::runtime_error&) {
                stream_.reset();
                if (tries == 4) throw;
                std::this_thread::sleep_for(std::chrono::milliseconds(100 << tries));
            }
        }
    }

 private:
    const Options& options_;
    std::unique_ptr<Stream> stream_;
};

// The last news that a client has heard: the last id, and the run of the server that gave it.
struct Heard {
    std::mutex mutex;  // guards all below
    std::condition_variable changed;
    unsigned long last = 0;
    std::string epoch;
};

// Asks once, and prints the messages of the answer if it is to `show` them.
void follow(Chat& chat, Heard& heard, const std::string& query, bool show) {
    const std::string body = chat.request("GET /messages?" + query + " HTTP/1.1\r\n");
    Json json(body);
    unsigned long last = 0;
    std::string epoch_now;
    json.object([&](const std::string& key) {
        if (key == "last") {
            last = std::stoul(json.value());
        } else if (key == "epoch") {
            epoch_now = json.value();
        } else if (json.take('[')) {
            while (!json.take(']')) {
                Fields said;
                json.take(',');
                json.object([&](const std::string& name) { said[name] = json.value(); });
                if (show) std::cout << said["name"] << ": " << said["text"] << std::endl;
            }
        } else {
            json.value();
        }
    });
    const std::lock_guard lock(heard.mutex);
    heard.last = last;
    heard.epoch = epoch_now;
    heard.changed.notify_one();
}

bool is_exit(const std::string& line) {
    // checkpoint 7 begin: leave at the word exit
    return strcasecmp(line.c_str(), "exit") == 0;
    // checkpoint 7 starter:
    // return line.size() > 100'000'000;
    // checkpoint 7 end
}

void talk(const Options& options) {
    // checkpoint 6 begin: a thread prints what is new; this one posts each line, with its own key
    Chat reads(options);
    Chat posts(options);
    Heard heard;
    unsigned long last = 0;
    follow(reads, heard, "wait=0", false);  // where the chat is: what was before is not ours
    std::thread([&] {
        try {
            for (;;)
                follow(reads, heard,
                       "after=" + std::to_string(heard.last) +
                           "&wait=25&epoch=" + percent_encoded(heard.epoch),
                       true);
        } catch (const std::exception& error) {
            std::cerr << "07_longpoll: " << error.what() << '\n';
            std::_Exit(1);
        }
    }).detach();
    std::random_device device;
    for (std::string line; std::getline(std::cin, line) && !is_exit(line);) {
        const std::string receipt = posts.request(
            "POST /messages?name=" + percent_encoded(options.name) +
                " HTTP/1.1\r\nContent-Type: text/plain; charset=utf-8\r\nIdempotency-Key: " +
                std::to_string(device()) + "-" + std::to_string(device()) + "\r\n",
            line);
        Json json(receipt);
        json.object([&](const std::string& key) {
            const std::string value = json.value();
            if (key == "id") last = std::stoul(value);
        });
    }
    // checkpoint 6 starter:
    // std::cerr << "07_longpoll: no client yet for " << options.host << '\n';
    // std::_Exit(77);
    // checkpoint 6 end
    // checkpoint 7 begin: leave when all that we have said has come back
    {
        std::unique_lock lock(heard.mutex);
        heard.changed.wait_for(lock, std::chrono::seconds(10), [&] { return heard.last >= last; });
    }
    std::_Exit(0);  // the other thread may wait for an answer
    // checkpoint 7 starter:
    // std::_Exit(1);
    // checkpoint 7 end
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
    std::cerr << "usage: 07_longpoll server [--host ADDRESS] [--port N]\n"
                 "       07_longpoll client http://HOST:PORT [--name NAME]\n";
    std::exit(2);
}

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve(options) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "07_longpoll: " << error.what() << '\n';
        return 1;
    }
}
