// 04_handshake: the WebSocket (RFC 6455) by hand: an echo server, a thread for each client, and a
// client. SHA-1 and Base64 are those of libwebsockets; http.hpp reads the headers.
#include <libwebsockets.h>
#include <strings.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <iostream>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "http.hpp"

enum Opcode { kContinuation, kText, kBinary, kClose = 8, kPing, kPong };  // RFC 6455, section 5.2
constexpr std::size_t kMaxPayload = 16 << 20;  // bytes: a longer message ends the connection

std::string base64(std::string_view bytes) {
    char text[64];
    lws_b64_encode_string(bytes.data(), static_cast<int>(bytes.size()), text, sizeof text);
    return text;
}

// What the server answers to a key: it shows that it speaks WebSocket.
std::string accept_value(const std::string& key) {
    // checkpoint 2 begin: Base64 of the SHA-1 of the key, as text, and the GUID
    const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[20];
    lws_SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
    return base64({reinterpret_cast<const char*>(digest), sizeof digest});
    // checkpoint 2 starter:
    // return key.substr(0, 0);
    // checkpoint 2 end
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
    // checkpoint 4 begin: byte number i is combined by XOR with byte number i % 4 of the key
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    // checkpoint 4 starter:
    // (void)key;
    // checkpoint 4 end
    return payload;
}

// The length of a payload of which the second byte of its frame says `size`.
std::uint64_t read_size(Stream& stream, std::uint64_t size) {
    // checkpoint 5 begin: 126 says that the length follows in 2 bytes, and 127 in 8
    if (size > 125) return number_of(stream.read(size == 126 ? 2 : 8));
    // checkpoint 5 starter:
    // (void)stream;
    // checkpoint 5 end
    return size;
}

// The length of a payload, in its shortest form.
std::string size_bytes(std::size_t size, unsigned mask_bit) {
    // checkpoint 5 begin: from 126 bytes on it follows in 2 bytes, and from 65536 on in 8
    if (size > 0xFFFF) return static_cast<char>(mask_bit | 127) + big_endian(size, 8);
    if (size > 125) return static_cast<char>(mask_bit | 126) + big_endian(size, 2);
    // checkpoint 5 end
    return {static_cast<char>(mask_bit | size)};
}

struct Frame {
    bool fin;
    int opcode;
    std::string payload;  // without its mask
};

Frame read_frame(Stream& stream) {
    // checkpoint 3 begin: two bytes, the rest of the length, the key of a mask, the payload
    const std::string begin = stream.read(2);
    const std::uint64_t size = read_size(stream, begin[1] & 0x7F);
    if (size > kMaxPayload) throw std::runtime_error("the message is too long");
    const std::string key = begin[1] & 0x80 ? stream.read(4) : std::string(4, '\0');
    return {(begin[0] & 0x80) != 0, begin[0] & 0x0F,
            masked(stream.read(static_cast<std::size_t>(size)), key)};
    // checkpoint 3 starter:
    // (void)stream;
    // throw std::runtime_error("frames cannot be read yet");
    // checkpoint 3 end
}

// The bytes of a frame that is a whole message. A client has a key for the mask, a server has none.
std::string frame(int opcode, const std::string& payload, const std::string& key) {
    // checkpoint 3 begin: FIN and opcode, mask and length, key, payload
    const std::string begin =
        static_cast<char>(0x80 | opcode) + size_bytes(payload.size(), key.empty() ? 0 : 0x80);
    return begin + key + (key.empty() ? payload : masked(payload, key));
    // checkpoint 3 starter:
    // return payload.substr(0, 0) + key.substr(0, static_cast<std::size_t>(opcode) * 0);
    // checkpoint 3 end
}

// A connection on which the handshake is over. One thread receives, and any thread sends.
class WebSocket {
 public:
    WebSocket(Stream& stream, bool is_client) : stream_(stream), is_client_(is_client) {}

    void send(int opcode, const std::string& payload) {
        const std::lock_guard lock(mutex_);
        if (closing_) return;  // after a close frame comes nothing more
        closing_ = opcode == kClose;
        stream_.send_all(frame(opcode, payload, is_client_ ? random_bytes(4) : ""));
    }

    // The next message, put together from its fragments; none after a close.
    std::optional<Frame> receive() {
        Frame message{false, kContinuation, ""};
        while (!message.fin) {
            const Frame next = read_frame(stream_);
            // checkpoint 6 begin: answer a ping with a pong, and a close with a close
            if (next.opcode == kPing) send(kPong, next.payload);
            if (next.opcode == kClose) {
                send(kClose, next.payload.substr(0, 2));
                return std::nullopt;
            }
            if (next.opcode >= kClose) continue;  // it stands between fragments, and is none
            // checkpoint 6 end
            if (next.opcode != kContinuation) message.opcode = next.opcode;
            message.payload += next.payload;
            message.fin = next.fin;
            if (message.payload.size() > kMaxPayload)
                throw std::runtime_error("the message is too long");
        }
        return message;
    }

 private:
    Stream& stream_;
    const bool is_client_;
    std::mutex mutex_;  // guards closing_, and keeps each frame whole
    bool closing_ = false;
};

void send_page([[maybe_unused]] Stream& stream) {
    // checkpoint 7 begin: a plain request gets a page
    const std::string page =
        "<!DOCTYPE html><title>04 handshake</title><h1>An echo over WebSocket</h1>\n";
    stream.send_all("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " +
                    std::to_string(page.size()) + "\r\nConnection: close\r\n\r\n" + page);
    // checkpoint 7 end
}

// The life of a client's thread.
void serve(int connection) {
    try {
        Stream stream(connection);
        Message request = read_head(stream);
        const std::string key = request.fields["sec-websocket-key"];
        if (key.empty()) return send_page(stream);
        stream.send_all(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            accept_value(key) + "\r\n\r\n");
        WebSocket websocket(stream, false);
        while (const auto message = websocket.receive())
            websocket.send(message->opcode, message->payload);
    } catch (const std::exception& error) {
        std::cerr << "04_handshake: a client: " + std::string(error.what()) + "\n";
    }
}

void serve(const Options& options) {
    const int listener = open_listener(options);
    for (;;) {
        const int connection = accept_client(listener);
        // checkpoint 8 begin: a thread for each client
        std::thread([connection] { serve(connection); }).detach();
        // checkpoint 8 starter:
        // serve(connection);
        // checkpoint 8 end
    }
}

// Asks for the WebSocket, and checks that the answer belongs to our key.
void shake_hands(Stream& stream, const Options& options) {
    // checkpoint 9 begin: ask with a key of 16 random bytes, and check its accept value
    const std::string key = base64(random_bytes(16));
    stream.send_all("GET " + options.target + " HTTP/1.1\r\nHost: " + options.host + ":" +
                    options.port + "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
                    "Sec-WebSocket-Key: " + key + "\r\nSec-WebSocket-Version: 13\r\n\r\n");
    Message answer = read_head(stream);
    if (answer.words[1] != "101")
        throw std::runtime_error("the server does not answer with 101: " + answer.words[1]);
    if (answer.fields["sec-websocket-accept"] != accept_value(key))
        throw std::runtime_error("Sec-WebSocket-Accept does not belong to our key");
    // checkpoint 9 starter:
    // std::cerr << "04_handshake: no client yet for " << options.target << stream.socket() << '\n';
    // std::_Exit(77);
    // checkpoint 9 end
}

// The life of the thread that waits for the keyboard.
void send_what_is_typed(WebSocket& websocket) {
    // checkpoint 10 begin: each line is a text message, masked with a new key each time
    for (std::string line; std::getline(std::cin, line) && strcasecmp(line.c_str(), "exit") != 0;)
        websocket.send(kText, line);
    // checkpoint 10 starter:
    // (void)websocket;
    // for (;;) pause();
    // checkpoint 10 end
    // checkpoint 11 begin: close with code 1000; the server answers with its close
    websocket.send(kClose, big_endian(1000, 2));
    // checkpoint 11 end
}

void talk(const Options& options) {
    Stream stream(open_socket(options, false));
    shake_hands(stream, options);
    WebSocket websocket(stream, true);
    std::thread([&] {
        try {
            send_what_is_typed(websocket);
        } catch (const std::exception&) {
            // The connection is gone: receive says so too.
        }
    }).detach();
    while (const auto message = websocket.receive()) std::cout << message->payload << std::endl;
    std::_Exit(0);  // the other thread may wait for the keyboard
}

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv, "ws://", {"8004"});
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve(options) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "04_handshake: " << error.what() << '\n';
        return 1;
    }
}
