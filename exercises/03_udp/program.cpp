// 03_udp: a server that sends each datagram back to where it came from, and its client.
#include <netdb.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

struct Options {
    std::string role, host = "127.0.0.1", port = "12345";
    int timeout = 1000;  // milliseconds
};

// Owns a descriptor: closes it when it goes out of scope.
struct Socket {
    int number;
    explicit Socket(int descriptor) : number(descriptor) {}
    ~Socket() { close(number); }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
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
    hints.ai_socktype = SOCK_DGRAM;
    const int failure = getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &address);
    if (failure) throw std::runtime_error(gai_strerror(failure));
    const int number = static_cast<int>(check("socket", socket(address->ai_family, SOCK_DGRAM, 0)));
    const auto call = to_listen ? bind : connect;
    check(to_listen ? "bind" : "connect", call(number, address->ai_addr, address->ai_addrlen));
    freeaddrinfo(address);
    return number;
}

// checkpoint 3 begin: room for the largest datagram, or the kernel cuts it off
using Buffer = std::array<char, 65507>;
// checkpoint 3 starter:
// using Buffer = std::array<char, 1024>;
// checkpoint 3 end

// Where a datagram came from.
struct Sender {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    sockaddr* pointer() { return reinterpret_cast<sockaddr*>(&address); }
};

void answer(int listener, std::string_view datagram, Sender& sender) {
    // checkpoint 2 begin: send each datagram back to its sender
    check("sendto",
          sendto(listener, datagram.data(), datagram.size(), 0, sender.pointer(), sender.size));
    // checkpoint 2 starter:
    // (void)listener, (void)datagram, (void)sender;
    // checkpoint 2 end
}

// "127.0.0.1:12345": where the socket is bound, which port 0 leaves to the kernel.
std::string local_address(int socket) {
    Sender own;
    char host[NI_MAXHOST], port[NI_MAXSERV];
    check("getsockname", getsockname(socket, own.pointer(), &own.size));
    getnameinfo(own.pointer(), own.size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    return std::string(host) + ":" + port;
}

void serve(const Options& options) {
    const Socket listener(open_socket(options, true));
    std::cout << "listening on " << local_address(listener.number) << std::endl;
    Buffer buffer;
    for (;;) {
        try {
            Sender sender;
            const ssize_t size =
                check("recvfrom", recvfrom(listener.number, buffer.data(), buffer.size(), 0,
                                           sender.pointer(), &sender.size));
            answer(listener.number, {buffer.data(), static_cast<std::size_t>(size)}, sender);
        } catch (const std::system_error& error) {  // it concerns one datagram, not the next
            std::cerr << "03_udp: " << error.what() << '\n';
        }
    }
}

bool is_exit(const std::string& line) {
    // checkpoint 5 begin: leave at the word exit, which is not sent
    return strcasecmp(line.c_str(), "exit") == 0;
    // checkpoint 5 starter:
    // (void)line;
    // return false;
    // checkpoint 5 end
}

void talk(const Options& options) {
    // checkpoint 4 begin: each line is one datagram, without its end; print the echo
    const Socket server(
        open_socket(options, false));  // connected: the kernel drops what others send
    const timeval timeout{options.timeout / 1000, options.timeout % 1000 * 1000};
    setsockopt(server.number, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    Buffer buffer;
    std::string line;
    for (int number = 1; std::getline(std::cin, line) && !is_exit(line); ++number) {
        check("send", send(server.number, line.data(), line.size(), 0));
        for (;;) {
            const ssize_t size = recv(server.number, buffer.data(), buffer.size(), 0);
            if (size < 0) {
                std::cerr << "no answer to line " << number << " in " << options.timeout << " ms\n";
                break;
            }
            const std::string_view echo(buffer.data(), static_cast<std::size_t>(size));
            if (echo != line) continue;  // a late answer to a line before
            std::cout << echo << std::endl;
            break;
        }
    }
    // checkpoint 4 starter:
    // std::cerr << "03_udp: no client yet for " << options.host << ", " << is_exit("") << '\n';
    // std::exit(77);
    // checkpoint 4 end
}

Options parse_options(int argc, char** argv) {
    const std::string usage =
        "usage: 03_udp server|client [--host ADDRESS] [--port N] [--timeout MILLISECONDS]\n";
    Options options;
    if (argc > 1) options.role = argv[1];
    bool good = (options.role == "server" || options.role == "client") && argc % 2 == 0;
    for (int i = 2; good && i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (name == "--host")
            options.host = argv[i + 1];
        else if (name == "--port")
            options.port = argv[i + 1];
        else if (name == "--timeout")
            options.timeout = std::atoi(argv[i + 1]);
        else
            good = false;
    }
    if (!good) {
        std::cerr << usage;
        std::exit(2);
    }
    return options;
}

int main(int argc, char** argv) {
    const Options options = parse_options(argc, argv);
    try {
        options.role == "server" ? serve(options) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "03_udp: " << options.host << ":" << options.port << ": " << error.what()
                  << '\n';
        return 1;
    }
}
