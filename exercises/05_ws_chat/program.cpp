// 05_ws_chat: a chat over WebSocket, two threads for each member, and its client. The frames are
// those of step 04, in websocket.hpp; what is new is the room.
#include <strings.h>

#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "websocket.hpp"

constexpr std::size_t kMaxWaiting = 1000;  // frames; a member that lacks more is cut off

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
            if (message.payload.size() > kMaxPayloadBytes)
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

void talk(Stream& stream, const Message& request) {
    Peer member(stream, false);
    const std::string name = name_in(request.words[1]);
    {
        // Before the 101: a client that has it hears every message from then on.
        const std::lock_guard lock(members_mutex);
        members.push_back(&member);
    }
    std::thread sender;
    try {
        accept_handshake(stream, request);
        sender = std::thread([&] { member.send_what_waits(); });
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
    if (sender.joinable()) sender.join();
}

// The life of the thread that reads what a client says.
void serve(Stream& stream) {
    const std::string last = "Connection: close\r\n";  // headers of a response that is the last one
    const Message request = read_message(stream);
    if (request.path() == "/") {
        // checkpoint 7 begin: a browser that asks for / gets a page
        respond(stream, "200 OK", "text/html; charset=utf-8",
                "<!DOCTYPE html><title>05 chat</title><h1>A chat over WebSocket</h1>\n", last);
        // checkpoint 7 end
    } else if (request.path() != "/ws") {
        respond(stream, "404 Not Found", "text/plain", "the chat is at /ws\n", last);
    } else {
        // checkpoint 2 begin: answer with 101, and talk
        talk(stream, request);
        // checkpoint 2 end
    }
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
    const std::string name = "name=" + percent_encoded(options.name);
    const bool has_query = options.target.find('?') != std::string::npos;
    shake_hands(stream, options, options.target + (has_query ? "&" : "?") + name);
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

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv, "ws://", {"8000", "/ws", "User"});
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve_each(options, serve) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "05_ws_chat: " << error.what() << '\n';
        return 1;
    }
}
