// 01_tcp_echo: a server that sends back what it gets, one client after the other, and its client.
#include <netdb.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

struct Options {
    std::string role, host = "127.0.0.1", port = "12345";
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
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = to_listen ? AI_PASSIVE : 0;
    const int failure = getaddrinfo(options.host.c_str(), options.port.c_str(), &hints, &address);
    if (failure) throw std::runtime_error(options.host + ": " + gai_strerror(failure));
    const int one = 1;
    const int number =
        static_cast<int>(check("socket", socket(address->ai_family, SOCK_STREAM, 0)));
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const auto call = to_listen ? bind : connect;
    check(to_listen ? "bind" : "connect", call(number, address->ai_addr, address->ai_addrlen));
    freeaddrinfo(address);
    return number;
}

// One send may take a part: sends the rest again.
void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty())
        bytes.remove_prefix(static_cast<std::size_t>(
            check("send", send(connection, bytes.data(), bytes.size(), 0))));
}

// Sends back what this client sends, until it ends its side.
void echo(int connection) {
    // checkpoint 2 begin: send every byte back
    char buffer[65536];
    while (const ssize_t count = check("recv", recv(connection, buffer, sizeof buffer, 0)))
        send_all(connection, {buffer, static_cast<std::size_t>(count)});
    // checkpoint 2 starter:
    // (void)connection;
    // checkpoint 2 end
}

void serve_one(int listener) {
    const Socket connection(static_cast<int>(check("accept", accept(listener, nullptr, nullptr))));
    try {
        echo(connection.number);
    } catch (const std::system_error& error) {  // this client is gone; the next one may be well
        std::cerr << "01_tcp_echo: " << error.what() << '\n';
    }
}

// "127.0.0.1:12345": where the socket is bound, which port 0 leaves to the kernel.
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
    const Socket listener(open_socket(options, true));
    check("listen", listen(listener.number, SOMAXCONN));
    std::cout << "listening on " << local_address(listener.number) << std::endl;
    // checkpoint 3 begin: serve the next client when this one has left
    for (;;) serve_one(listener.number);
    // checkpoint 3 starter:
    // serve_one(listener.number);
    // checkpoint 3 end
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
    // checkpoint 4 begin: send each line of standard input, and print its echo
    const Socket connection(open_socket(options, false));
    for (std::string line; std::getline(std::cin, line) && !is_exit(line);) {
        if (!std::cin.eof()) line += '\n';
        send_all(connection.number, line);
        for (std::size_t left = line.size(); left > 0;) {  // one recv may return a part
            char buffer[65536];
            const ssize_t count =
                check("recv", recv(connection.number, buffer, std::min(left, sizeof buffer), 0));
            if (count == 0) throw std::runtime_error("the server has ended the connection");
            std::cout.write(buffer, count);
            left -= static_cast<std::size_t>(count);
        }
        std::cout.flush();
    }
    // checkpoint 4 starter:
    // std::cerr << "01_tcp_echo: no client yet for " << options.host << '\n';
    // std::exit(77);
    // checkpoint 4 end
}

Options parse_options(int argc, char** argv) {
    const std::string usage = "usage: 01_tcp_echo server|client [--host ADDRESS] [--port N]\n";
    Options options;
    if (argc > 1) options.role = argv[1];
    bool good = (options.role == "server" || options.role == "client") && argc % 2 == 0;
    for (int i = 2; good && i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (name == "--host")
            options.host = argv[i + 1];
        else if (name == "--port")
            options.port = argv[i + 1];
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
    std::signal(SIGPIPE, SIG_IGN);  // a client that has left is an error of send, not the end
    try {
        options.role == "server" ? serve(options) : talk(options);
    } catch (const std::exception& error) {
        std::cerr << "01_tcp_echo: " << options.host << ":" << options.port << ": " << error.what()
                  << '\n';
        return 1;
    }
}
