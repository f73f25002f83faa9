// The chat client: reads the terminal and the socket at once, with poll, in one thread.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <stdexcept>

#include "02_threaded_chat/programs.hpp"
#include "common/address.hpp"
#include "common/capture.hpp"
#include "common/check.hpp"
#include "common/line_parser.hpp"
#include "common/output.hpp"
#include "common/poll_input.hpp"
#include "common/socket.hpp"
#include "common/terminal_text.hpp"
#include "common/typed_lines.hpp"

namespace threaded_chat {
namespace {

// How long to wait, after the last word, for the server to end the conversation.
constexpr int kGoodbyeMilliseconds = 2000;
constexpr std::size_t kMaxTypedLine = 16 * 1024 * 1024;

class Client {
 public:
    explicit Client(const ClientOptions& options)
        : options_(options),
          server_(lab::connect_to(options.host, options.port)),
          peer_(lab::peer_address(server_.number())) {
        lab::set_nonblocking(server_.number(), true);
    }
    void run();

 private:
    void read_input();
    void say(const std::string& line);
    void send_some();
    bool receive();

    const ClientOptions options_;
    const lab::FileDescriptor server_;
    const std::string peer_;
    // Text that others write must not move our cursor or change our colours.
    const bool terminal_ = isatty(STDOUT_FILENO) != 0;
    lab::TerminalText shown_;
    lab::LineParser typed_{kMaxTypedLine};
    std::string outgoing_;  // what the socket has not taken yet
    bool talking_ = true;   // until `exit` or the end of input
};

void Client::run() {
    if (isatty(STDIN_FILENO))
        lab::log("connected to " + peer_ + ": your lines go to all the others, `exit` leaves");
    bool said_goodbye = false;
    for (;;) {
        if (!talking_ && outgoing_.empty() && !said_goodbye) {
            // FIN: the server learns that no more lines come, and we still hear the rest.
            lab::capture::shut_down(server_.number());
            shutdown(server_.number(), SHUT_WR);
            options_.trace.sent_end(peer_);
            said_goodbye = true;
        }
        // While the socket is full, input waits; what arrives never does. poll skips a negative
        // number.
        const bool sending = !outgoing_.empty();
        std::array<pollfd, 3> ready{
            {{talking_ && !sending ? STDIN_FILENO : -1, POLLIN, 0},
             {server_.number(), static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0},
             lab::output_reader()}};
        const int count = lab::poll_input(ready, said_goodbye ? kGoodbyeMilliseconds : -1);
        if (count == 0) return;
        if (count < 0 && !lab::try_again()) lab::check("poll", count);
        if (count < 0) continue;
        lab::check_output_reader(ready[2]);
        if (ready[0].revents) read_input();
        if (ready[1].revents & POLLOUT) send_some();
        if (ready[1].revents & ~POLLOUT && !receive()) {
            if (!said_goodbye) throw std::runtime_error(peer_ + ": closed by the server");
            return;
        }
    }
}

void Client::read_input() {
    std::array<char, 16 * 1024> buffer;
    const ssize_t received = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (received < 0 && lab::try_again()) return;
    lab::check("read", received);
    std::string line;
    if (received == 0) {
        typed_.finish(line);
        say(line);
        talking_ = false;
    }
    std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
    while (talking_ && !bytes.empty()) {
        if (typed_.parse(bytes, line) == lab::LineParser::Result::bad)
            throw std::runtime_error("standard input: " + typed_.error());
        say(line);
        line.clear();
    }
}

// `line` is empty if there is no whole line yet.
void Client::say(const std::string& line) {
    if (line.empty()) return;
    if (lab::says_exit(line.substr(0, line.size() - 1))) talking_ = false;
    if (!talking_) return;
    outgoing_ += options_.name.empty() ? line : options_.name + ": " + line;
}

void Client::send_some() {
    const ssize_t sent = send(server_.number(), outgoing_.data(), outgoing_.size(), 0);
    lab::capture::sent(server_.number(), outgoing_.data(), sent);
    if (sent < 0 && lab::try_again()) return;
    lab::check("send", sent);
    options_.trace.sent(peer_,
                        std::string_view(outgoing_).substr(0, static_cast<std::size_t>(sent)));
    outgoing_.erase(0, static_cast<std::size_t>(sent));
}

// Prints what has arrived. Returns false at the end of the stream.
bool Client::receive() {
    std::array<char, 16 * 1024> buffer;
    const ssize_t received = recv(server_.number(), buffer.data(), buffer.size(), 0);
    lab::capture::received(server_.number(), buffer.data(), received);
    if (received < 0 && lab::try_again()) return true;
    lab::check("recv", received);
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(received));
    if (bytes.empty()) {
        options_.trace.received_end(peer_);
        std::cout << shown_.finish() << std::flush;
        return false;
    }
    options_.trace.received(peer_, bytes);
    std::cout << (terminal_ ? shown_.take(bytes) : std::string(bytes));
    lab::flush_output();
    return true;
}

}  // namespace

void run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    Client(options).run();
}

}  // namespace threaded_chat
