// The WebSocket client for the terminal: reads it and the socket at once, as 02's client does.
#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <stdexcept>
#include <system_error>

#include "04_handshake/client_connection.hpp"
#include "04_handshake/programs.hpp"
#include "common/check.hpp"
#include "common/output.hpp"
#include "common/poll_input.hpp"
#include "common/typed_lines.hpp"
#include "common/utf8.hpp"
#include "common/visible.hpp"

namespace websocket {
namespace {

// How long to wait, after our close frame, without a sign of the server.
constexpr int kGoodbyeMilliseconds = 5000;
constexpr std::size_t kMaxTypedLine = 16 * 1024 * 1024;

class Client {
 public:
    explicit Client(const ClientOptions& options)
        : options_(options), connection_(options.url, options.max_message, options.trace) {}
    bool run();

 private:
    bool wait();
    void read_input();
    void say(const std::string& line);
    bool receive();
    void take_messages();
    void show(const Message& message) const;
    void check_end() const;

    const ClientOptions options_;
    ClientConnection connection_;
    const bool terminal_ = isatty(STDOUT_FILENO) != 0;
    lab::TypedLines typed_{STDIN_FILENO, kMaxTypedLine};
    int line_number_ = 0;
    bool all_sent_ = true;
    bool talking_ = true;   // until `exit`, the end of input, or the server's close
    bool leaving_ = false;  // we have closed first
    bool input_ready_ = false, socket_ready_ = false;
};

// Returns whether every line was sent.
bool Client::run() {
    if (isatty(STDIN_FILENO))
        lab::log("connected to " + connection_.peer() + ": each line is a message, `exit` leaves");
    // Messages that came with the end of the handshake are here already: no poll would tell of
    // them.
    take_messages();
    for (bool open = true; open;) {
        if (!wait()) throw std::runtime_error(connection_.peer() + ": no close in 5 seconds");
        if (input_ready_) read_input();
        if (connection_.has_outgoing()) connection_.send_some();
        if (socket_ready_) open = receive();
    }
    check_end();
    return all_sent_;
}

// Waits for the terminal or the socket. Returns false if the server has been silent for too long.
bool Client::wait() {
    // While the socket is full, input waits; what arrives never does.
    const bool sending = connection_.has_outgoing();
    std::array<pollfd, 3> ready{
        {{talking_ && !sending ? typed_.descriptor() : -1, POLLIN, 0},
         {connection_.socket(), static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0},
         lab::output_reader()}};
    const int count = lab::poll_input(ready, talking_ ? -1 : kGoodbyeMilliseconds);
    if (count < 0 && !lab::try_again()) lab::check("poll", count);
    if (count > 0) lab::check_output_reader(ready[2]);
    input_ready_ = count > 0 && ready[0].revents;
    socket_ready_ = count > 0 && ready[1].revents & ~POLLOUT;
    return count != 0;
}

void Client::read_input() {
    typed_.read_some();
    while (const auto line = typed_.next()) say(*line);
    if (!typed_.at_end()) return;
    // The server answers in order: its close comes after all that it echoes.
    connection_.close(1000, "");
    talking_ = false;
    leaving_ = true;
}

// A message has its own length: the line end is not part of it.
void Client::say(const std::string& line) {
    ++line_number_;
    if (!options_.binary && !lab::is_utf8(line)) {
        lab::log("line " + std::to_string(line_number_) +
                 " is not UTF-8, and so no text: not sent");
        all_sent_ = false;
        return;
    }
    connection_.send(options_.binary ? Opcode::binary : Opcode::text, line);
}

// Takes what has arrived. Returns false at the end of the stream.
bool Client::receive() {
    try {
        const bool more = connection_.receive_some();
        take_messages();
        return more;
    } catch (const std::system_error&) {
        // After both close frames a server may end TCP as it likes: nothing is lost by a reset.
        if (!connection_.server_close()) throw;
        return false;
    }
}

void Client::take_messages() {
    while (const auto message = connection_.next()) show(*message);
    lab::flush_output();
    // A ping or a close has been answered by now.
    if (connection_.has_outgoing()) connection_.send_some();
    if (connection_.server_close()) talking_ = false;
}

void Client::show(const Message& message) const {
    // On a terminal a stranger's bytes must not move the cursor.
    if (message.text) {
        std::cout << lab::one_line(message.payload, terminal_) << '\n';
    } else {
        std::cout << (terminal_ ? lab::visible(message.payload, kMaxTypedLine) : message.payload)
                  << '\n';
    }
}

// Says so if it was not we who ended it, and in peace.
void Client::check_end() const {
    const auto& close = connection_.server_close();
    const std::string& peer = connection_.peer();
    if (!close) throw std::runtime_error(peer + ": left without a close frame");
    if (leaving_ && close->code.value_or(1000) == 1000) return;
    throw std::runtime_error(peer + ": closed by the server: " + words_of(*close));
}

}  // namespace

bool run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    return Client(options).run();
}

}  // namespace websocket
