// 05_ws_chat: a chat over WebSocket, two threads for each member, and its client. The frames are
// those of step 04; what is new is the room. SHA-1 and Base64 are those of libwebsockets.
#include <libwebsockets.h>
#include <netdb.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

enum Opcode { kContinuation, kText, kBinary, kClose = 8, kPing, kPong };  // RFC 6455, section 5.2
constexpr std::size_t kMaxPayload = 1 << 20;  // bytes: a longer message ends the connection
constexpr std::size_t kMaxHead = 16384;       // bytes of a request or an answer
constexpr std::size_t kMaxWaiting = 1000;     // frames; a member that lacks more is cut off

struct Options {
    std::string role, host = "127.0.0.1", port = "8000", target = "/ws";
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

// A request or an answer: its first line, and its fields by their names in lower case.
struct Head {
    std::string first_line;
    std::map<std::string, std::string> fields;
};

Head read_head(Stream& stream) {
    Head head{stream.read_line(), {}};
    for (std::string line; !(line = stream.read_line()).empty();) {
        const std::size_t colon = std::min(line.find(':'), line.size() - 1);
        std::string name = line.substr(0, colon);
        for (char& letter : name) letter = static_cast<char>(std::tolower(letter));
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        if (begin != std::string::npos) head.fields[name] = line.substr(begin);
        if (head.fields.size() > 100) throw std::runtime_error("too many fields");
    }
    return head;
}

std::string base64(std::string_view bytes) {
    char text[64];
    lws_b64_encode_string(bytes.data(), static_cast<int>(bytes.size()), text, sizeof text);
    return text;
}

// What the server answers to a key: it shows that it speaks WebSocket.
std::string accept_value(const std::string& key) {
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[20];
    lws_SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    return base64({reinterpret_cast<const char*>(digest), sizeof digest});
}

std::string random_bytes(std::size_t size) {
    static thread_local std::random_device device;
    std::string bytes;
    while (bytes.size() < size) bytes += static_cast<char>(device());
    return bytes;
}

// A number in network byte order.
std::string big_endian(std::uint64_t number, int size) {
    std::string bytes;
    for (int i = size - 1; i >= 0; --i) bytes += static_cast<char>(number >> (8 * i));
    return bytes;
}
std::uint64_t number_of(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
    return number;
}

// The payload with its mask put on, or taken off: that is the same.
std::string masked(std::string payload, const std::string& key) {
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    return payload;
}

// The length of a payload of which the second byte of its frame says `size`.
std::uint64_t read_size(Stream& stream, std::uint64_t size) {
    if (size > 125) return number_of(stream.read(size == 126 ? 2 : 8));
    return size;
}

// The length of a payload, in its shortest form.
std::string size_bytes(std::size_t size, unsigned mask_bit) {
    if (size > 0xFFFF) return static_cast<char>(mask_bit | 127) + big_endian(size, 8);
    if (size > 125) return static_cast<char>(mask_bit | 126) + big_endian(size, 2);
    return {static_cast<char>(mask_bit | size)};
}

struct Frame {
    bool fin;
    int opcode;
    std::string payload;  // without its mask
};

Frame read_frame(Stream& stream) {
    // payload
    const std::string begin = stream.read(2);
    const std::uint64_t size = read_size(stream, begin[1] & 0x7F);
    if (size > kMaxPayload) throw std::runtime_error("the message is too long");
    const std::string key = begin[1] & 0x80 ? stream.read(4) : std::string(4, '\0');
    return {(begin[0] & 0x80) != 0, begin[0] & 0x0F,
            masked(stream.read(static_cast<std::size_t>(size)), key)};
}

// The bytes of a frame that is a whole message. A client has a key for the mask, a server has none.
std::string frame(int opcode, const std::string& payload, const std::string& key) {
    const std::string begin =
        static_cast<char>(0x80 | opcode) + size_bytes(payload.size(), key.empty() ? 0 : 0x80);
    return begin + key + (key.empty() ? payload : masked(payload, key));
}

// The other end of an open WebSocket: one thread receives, another sends what waits in the outbox.
class Peer {
 public:
    Peer(Stream& stream, bool is_client) : stream_(stream), is_client_(is_client) {}

    void send(int opcode, const std::string& payload) {
        const std::string bytes = frame(opcode, payload, is_client_ ? random_bytes(4) : "");
        const std::lock_guard lock(mutex_);
        if (closing_) return;  // after a close frame comes nothing more
        closing_ = opcode == kClose;
        if (outbox_.size() < kMaxWaiting)
            outbox_.push_back(bytes);
        else
            end_locked();  // it does not read
        changed_.notify_one();
    }

    // The life of the thread that sends: until the close frame is sent, or the connection has
    // ended.
    void send_what_waits() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return closing_ || ended_ || !outbox_.empty(); });
            if (outbox_.empty() || ended_) break;
            const std::string bytes = std::move(outbox_.front());
            outbox_.pop_front();
            lock.unlock();  // no thread sends while it holds a lock
            try {
                stream_.send_all(bytes);
            } catch (const std::system_error&) {
                break;
            }
            lock.lock();
        }
        shutdown(stream_.socket(), SHUT_WR);
    }

    // Wakes both threads: recv and send return at once.
    void end() {
        const std::lock_guard lock(mutex_);
        end_locked();
    }

    // The next message or close, put together from its fragments. Answers pings.
    Frame receive() {
        Frame message{false, kContinuation, ""};
        while (!message.fin) {
            Frame next = read_frame(stream_);
            if (next.opcode == kClose) return next;
            if (next.opcode == kPing) send(kPong, next.payload);
            if (next.opcode > kClose) continue;  // it stands between fragments, and is none
            if (next.opcode != kContinuation) message.opcode = next.opcode;
            message.payload += next.payload;
            message.fin = next.fin;
            if (message.payload.size() > kMaxPayload)
                throw std::runtime_error("the message is too long");
        }
        return message;
    }

 private:
    void end_locked() {
        ended_ = true;
        shutdown(stream_.socket(), SHUT_RDWR);
        changed_.notify_one();
    }

    Stream& stream_;
    const bool is_client_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    std::deque<std::string> outbox_;
    bool closing_ = false;
    bool ended_ = false;
};

std::vector<Peer*> members;
std::mutex members_mutex;  // guards members, and keeps one order for all

void publish(int opcode, const std::string& payload) {
    // checkpoint 3 begin: each message goes to all members, the sender too
    const std::lock_guard lock(members_mutex);
    for (Peer* const member : members) member->send(opcode, payload);
    // checkpoint 3 starter:
    // (void)opcode, (void)payload;
    // checkpoint 3 end
}

std::string percent_decoded(std::string text) {
    // checkpoint 4 begin: %D0 is a byte in two digits, and + is a space
    std::ranges::replace(text, '+', ' ');
    for (std::size_t at = 0; (at = text.find('%', at)) != std::string::npos; ++at)
        text.replace(at, 3, 1,
                     static_cast<char>(std::strtol(text.substr(at + 1, 2).c_str(), nullptr, 16)));
    // checkpoint 4 end
    return text;
}

// The name in a target: "/ws?name=Ada". Without one it is User.
std::string name_in(const std::string& target) {
    const std::string key = "name=";
    const std::size_t begin = target.find(key);
    if (begin == std::string::npos) return "User";
    return percent_decoded(
        target.substr(begin + key.size(), target.find('&', begin) - begin - key.size()));
}

void respond(Stream& stream, const std::string& status, const std::string& type,
             const std::string& body) {
    stream.send_all("HTTP/1.1 " + status + "\r\nContent-Type: " + type + "; charset=utf-8\r\n" +
                    "Content-Length: " + std::to_string(body.size()) +
                    "\r\nConnection: close\r\n\r\n" + body);
}

void talk(Stream& stream, const std::string& name) {
    Peer member(stream, false);
    std::thread sender([&] { member.send_what_waits(); });
    {
        const std::lock_guard lock(members_mutex);
        members.push_back(&member);
    }
    try {
        for (;;) {
            const Frame message = member.receive();
            // checkpoint 6 begin: a close is answered with a close, and nothing comes after it
            if (message.opcode == kClose) {
                member.send(kClose, message.payload.substr(0, 2));
                break;
            }
            // checkpoint 6 end
            // checkpoint 5 begin: a binary message goes to everyone as it came
            if (message.opcode == kBinary) {
                publish(kBinary, message.payload);
                continue;
            }
            // checkpoint 5 end
            publish(kText, name + ": " + message.payload);
        }
    } catch (const std::exception& error) {
        std::cerr << "05_ws_chat: a client: " + std::string(error.what()) + "\n";
        member.end();
    }
    {
        const std::lock_guard lock(members_mutex);
        std::erase(members, &member);
    }
    sender.join();
}

// The life of the thread that reads what a client says.
void serve(int connection) {
    try {
        Stream stream(connection);
        Head request = read_head(stream);
        const std::size_t begin = request.first_line.find(' ') + 1;
        const std::string target =
            request.first_line.substr(begin, request.first_line.find(' ', begin) - begin);
        const std::string path = target.substr(0, target.find('?'));
        if (path == "/") {
            // checkpoint 7 begin: a browser that asks for / gets a page
            respond(stream, "200 OK", "text/html",
                    "<!DOCTYPE html><title>05 chat</title><h1>A chat over WebSocket</h1>\n");
            // checkpoint 7 end
        } else if (path != "/ws") {
            respond(stream, "404 Not Found", "text/plain", "the chat is at /ws\n");
        } else {
            // checkpoint 2 begin: answer with 101, and talk
            stream.send_all(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                accept_value(request.fields["sec-websocket-key"]) + "\r\n\r\n");
            talk(stream, name_in(target));
            // checkpoint 2 end
        }
    } catch (const std::exception& error) {
        std::cerr << "05_ws_chat: a client: " + std::string(error.what()) + "\n";
    }
}

// "127.0.0.1:8000": where the socket is bound, which port 0 leaves to the kernel.
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
        std::thread([connection] { serve(connection); }).detach();
    }
}

// Asks for the WebSocket, and checks that the answer belongs to our key.
void shake_hands(Stream& stream, const Options& options) {
    // value
    const std::string key = base64(random_bytes(16));
    stream.send_all("GET " + options.target + " HTTP/1.1\r\nHost: " + options.host + ":" +
                    options.port + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                    "Sec-WebSocket-Key: " + key + "\r\nSec-WebSocket-Version: 13\r\n\r\n");
    Head answer = read_head(stream);
    if (answer.first_line.find(" 101") == std::string::npos)
        throw std::runtime_error("the server does not answer with 101: " + answer.first_line);
    if (answer.fields["sec-websocket-accept"] != accept_value(key))
        throw std::runtime_error("Sec-WebSocket-Accept does not belong to our key");
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

// The life of the thread that waits for the keyboard.
void send_what_is_typed(Peer& peer) {
    for (std::string line; std::getline(std::cin, line) && strcasecmp(line.c_str(), "exit") != 0;)
        peer.send(kText, line);
    // checkpoint 9 begin: close with code 1000; what we said comes back before the server's close
    peer.send(kClose, big_endian(1000, 2));
    // checkpoint 9 end
}

void talk(const Options& options) {
    // checkpoint 8 begin: send each line as a message, and print what arrives
    Stream stream(open_socket(options, false));
    shake_hands(stream, options);
    Peer peer(stream, true);
    std::thread([&] { peer.send_what_waits(); }).detach();
    std::thread([&] { send_what_is_typed(peer); }).detach();
    for (Frame message; (message = peer.receive()).opcode != kClose;)
        std::cout << message.payload << std::endl;
    std::_Exit(0);  // the other threads may wait for the keyboard
    // checkpoint 8 starter:
    // std::cerr << "05_ws_chat: no client yet for " << options.target << '\n';
    // std::_Exit(77);
    // checkpoint 8 end
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
    if (options.role == "client" && url.starts_with("ws://")) {
        const std::size_t slash = std::min(url.find('/', 5), url.size());
        const std::size_t colon = std::min(url.find(':', 5), slash);
        options.host = url.substr(5, colon - 5);
        options.port = colon < slash ? url.substr(colon + 1, slash - colon - 1) : "80";
        options.target = slash < url.size() ? url.substr(slash) : "/ws";
        good = argc == 3 || (argc == 5 && std::string_view(argv[3]) == "--name");
        if (argc == 5) options.target += "?name=" + percent_encoded(argv[4]);
    }
    if (good) return options;
    std::cerr << "usage: 05_ws_chat server [--host ADDRESS] [--port N]\n"
                 "       05_ws_chat client ws://HOST:PORT/ws [--name NAME]\n";
    std::exit(2);
}

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve(options) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "05_ws_chat: " << error.what() << '\n';
        return 1;
    }
}
