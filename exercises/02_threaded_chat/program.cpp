// 02_threaded_chat: each line goes to all the others; two threads for each client, and its client.
#include <netdb.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <iostream>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

constexpr std::size_t kMaxLine = 65536;    // bytes; a client that says a longer line is cut off
constexpr std::size_t kMaxWaiting = 1000;  // lines; a client that lacks more is cut off

struct Options {
    std::string role, host = "127.0.0.1", port = "12345", name;
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

// One send may take a part: sends the rest again.
void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty())
        bytes.remove_prefix(static_cast<std::size_t>(
            check("send", send(connection, bytes.data(), bytes.size(), 0))));
}

// One client: a thread reads what it says, another sends what waits for it. Both share it.
class Member {
 public:
    explicit Member(int connection) : connection_(connection) {}
    ~Member() { close(connection_); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;

    int connection() const { return connection_; }
    // Wakes the threads that wait in recv and in send: both return at once.
    void end() { shutdown(connection_, SHUT_RDWR); }

    void put(const std::string& line) {
        const std::lock_guard lock(mutex_);
        if (outbox_.size() < kMaxWaiting)
            outbox_.push_back(line);
        else
            end();
        changed_.notify_one();
    }
    void put_end() {
        const std::lock_guard lock(mutex_);
        ended_ = true;
        changed_.notify_one();
    }
    // The life of the thread that sends.
    void send_what_waits() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return ended_ || !outbox_.empty(); });
            if (outbox_.empty()) return end();
            const std::string line = std::move(outbox_.front());
            outbox_.pop_front();
            lock.unlock();  // no thread sends while it holds a lock
            try {
                send_all(connection_, line);
            } catch (const std::system_error&) {
                return end();
            }
            lock.lock();
        }
    }

 private:
    const int connection_;
    std::mutex mutex_;  // guards all below
    std::condition_variable changed_;
    std::deque<std::string> outbox_;
    bool ended_ = false;
};

using Members = std::vector<std::shared_ptr<Member>>;
Members members;
std::mutex members_mutex;  // guards members, and keeps one order for all

void publish(const std::string& line, const Member& sender) {
    // checkpoint 2 begin: each line goes to all the others
    const std::lock_guard lock(members_mutex);
    for (const auto& member : members)
        if (member.get() != &sender) member->put(line);
    // checkpoint 2 starter:
    // shutdown(sender.connection(), SHUT_RDWR);
    // (void)line;
    // checkpoint 2 end
}

// The life of the thread that reads what a client says.
void serve(const std::shared_ptr<Member>& member) {
    std::string line;  // what has come of a line that has no end yet
    char buffer[16384];
    ssize_t count = 0;
    while (line.size() <= kMaxLine &&
           (count = recv(member->connection(), buffer, sizeof buffer, 0)) > 0) {
        for (const char byte : std::string_view(buffer, static_cast<std::size_t>(count))) {
            if (byte != '\n') {
                line += byte;
                continue;
            }
            if (line.ends_with('\r')) line.pop_back();
            publish(line + '\n', *member);
            line.clear();
        }
    }
    if (!line.empty() && count == 0) publish(line + '\n', *member);
    // checkpoint 3 begin: a client that leaves vanishes from the list, and gets what waits
    {
        const std::lock_guard lock(members_mutex);
        std::erase(members, member);
    }
    member->put_end();
    // checkpoint 3 end
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
    const int listener = open_socket(options, true);
    check("listen", listen(listener, SOMAXCONN));
    std::cout << "listening on " << local_address(listener) << std::endl;
    for (;;) {
        const auto member =
            std::make_shared<Member>(check("accept", accept(listener, nullptr, nullptr)));
        {
            const std::lock_guard lock(members_mutex);
            members.push_back(member);
        }
        std::thread([member] { serve(member); }).detach();
        std::thread([member] { member->send_what_waits(); }).detach();
    }
}

// Prints what has arrived; false at the end of the stream.
bool print_what_arrives(int connection) {
    // checkpoint 4 begin: print what arrives, although nothing is typed
    char buffer[65536];
    const ssize_t count = check("recv", recv(connection, buffer, sizeof buffer, 0));
    std::cout.write(buffer, count).flush();
    return count > 0;
    // checkpoint 4 starter:
    // std::cerr << "02_threaded_chat: no client yet on " << connection << '\n';
    // std::_Exit(77);
    // checkpoint 4 end
}

// Reads lines and sends them, until `exit` or the end of the input: a thread of its own.
void send_what_is_typed(int connection, const std::string& name) {
    // checkpoint 5 begin: send each line
    for (std::string line; std::getline(std::cin, line) && strcasecmp(line.c_str(), "exit") != 0;)
        send_all(connection, (name.empty() ? "" : name + ": ") + line + "\n");
    // checkpoint 5 starter:
    // (void)connection, (void)name;
    // for (;;) pause();
    // checkpoint 5 end
    // checkpoint 6 begin: end our half of the stream; what still comes is printed
    shutdown(connection, SHUT_WR);
    // checkpoint 6 end
}

void talk(const Options& options) {
    const int connection = open_socket(options, false);
    std::thread([&] {
        try {
            send_what_is_typed(connection, options.name);
        } catch (const std::system_error&) {
            // The connection is gone: recv says so too.
        }
    }).detach();
    while (print_what_arrives(connection)) {
    }
}

Options parse_options(int argc, char** argv) {
    const std::string usage =
        "usage: 02_threaded_chat server|client [--host ADDRESS] [--port N] [--name NAME]\n";
    Options options;
    if (argc > 1) options.role = argv[1];
    bool good = (options.role == "server" || options.role == "client") && argc % 2 == 0;
    for (int i = 2; good && i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (name == "--host")
            options.host = argv[i + 1];
        else if (name == "--port")
            options.port = argv[i + 1];
        else if (name == "--name" && options.role == "client")
            options.name = argv[i + 1];
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
        std::cerr << "02_threaded_chat: " << options.host << ":" << options.port << ": "
                  << error.what() << '\n';
        return 1;
    }
}
