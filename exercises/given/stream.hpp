// The bytes of a TCP connection, as steps 01 and 02 have built it: one thread for each client.
#pragma once
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>

#include "options.hpp"

constexpr std::size_t kMaxLineBytes = 16384;  // a longer line ends the connection

// Returns what a system call returned, or throws if it failed.
inline ssize_t check(const std::string& call, ssize_t result) {
    if (result < 0) throw std::system_error(errno, std::generic_category(), call);
    return result;
}

// Calls bind or connect with the first address of the host, and returns the socket.
inline int open_socket(const Options& options, bool to_listen) {
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

// "127.0.0.1:8004": where the socket is bound, which port 0 leaves to the kernel.
inline std::string local_address(int socket) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    check("getsockname", getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size));
    getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    return std::string(host) + ":" + port;
}

// Opens the server's socket, and says where it listens. Returns the socket.
inline int open_listener(const Options& options) {
    const int listener = open_socket(options, true);
    check("listen", listen(listener, SOMAXCONN));
    std::cout << "listening on " << local_address(listener) << std::endl;
    return listener;
}

// Waits for the next client, and returns its socket.
inline int accept_client(int listener) {
    return static_cast<int>(check("accept", accept(listener, nullptr, nullptr)));
}

// The bytes of a connection, as many as one asks for. It owns the socket. One thread may read while
// another one sends.
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
    std::string read_some() {  // all that is there, at least a byte
        if (arrived_.empty()) fill();
        return take(arrived_.size());
    }
    std::string read_line() {  // without its CRLF
        std::size_t end = 0;
        while ((end = arrived_.find("\r\n")) == std::string::npos) {
            if (arrived_.size() > kMaxLineBytes) throw std::runtime_error("a line has no end");
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

// Listens, and calls `serve` for each client in a thread of its own. Its exceptions end the
// connection.
inline void serve_each(const Options& options, void (*serve)(Stream&)) {
    const int listener = open_listener(options);
    for (;;) {
        const int connection = accept_client(listener);
        std::thread([connection, serve] {
            try {
                Stream stream(connection);
                serve(stream);
            } catch (const std::exception&) {
                // The client has left, or has sent something that nobody can read.
            }
        }).detach();
    }
}
