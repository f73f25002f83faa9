// The chat in the terminal, with libwebsockets: one loop for the socket, one thread for the input.
#include <libwebsockets.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>

#include "04_handshake/message.hpp"
#include "05_ws_chat/chat.hpp"
#include "05_ws_chat/input_reader.hpp"
#include "05_ws_chat/own_messages.hpp"
#include "05_ws_chat/target.hpp"
#include "05_ws_chat/timer.hpp"
#include "common/backoff.hpp"
#include "common/url.hpp"
#include "common/visible.hpp"

namespace ws_chat {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// How long to wait, after the last line, for what was said to come back.
constexpr auto kGoodbye = 2s;
// A longer message from the server ends the connection.
constexpr std::size_t kLongestMessage = 16 * 1024 * 1024;
// How long to wait, when the pace allows no message, before asking it again.
constexpr auto kPause = 20ms;

/// The client. All of it belongs to the thread that calls run(); the input's thread only wakes it.
class Client {
 public:
    explicit Client(const ClientOptions& options);
    void run();
    int handle(lws* connection, lws_callback_reasons reason, std::string_view bytes);

 private:
    void connect();
    void try_again_later(const std::string& why);
    void greet() const;
    void connection_failed(lws* connection, std::string_view why);
    void connection_lost();
    void receive(std::string_view piece);
    int send_next();
    bool say(const std::string& line);
    void leave();
    void close();
    void ask_to_send();
    void end(const std::string& error);

    const ClientOptions options_;
    const lab::Url url_;
    const std::string server_ = lab::authority_of(url_);
    const std::string target_;
    OwnMessages own_;
    std::array<lws_protocols, 2> protocols_{};
    std::unique_ptr<lws_context, void (*)(lws_context*)> context_{nullptr, lws_context_destroy};
    lws* connection_ = nullptr;  // the library's, while it is open
    bool was_open_ = false;      // ever
    lab::Backoff backoff_;
    Timer<Client> retry_{{}, this, &Client::connect};
    Timer<Client> pause_{{}, this, &Client::ask_to_send};
    Timer<Client> goodbye_{{}, this, &Client::close};
    std::string message_;       // what has arrived of the one that is coming
    bool too_long_ = false;     // and it is longer than any may be
    std::string server_close_;  // why the server has closed, if it has said so
    bool leaving_ = false;      // the input has ended
    bool closing_ = false;      // we wait for nothing any more
    bool done_ = false;
    std::string error_;  // why we end, if not in peace
    const bool terminal_ = isatty(STDOUT_FILENO) != 0;
    std::optional<InputReader> input_;
};

int on_event(lws* connection, lws_callback_reasons reason, void*, void* in, std::size_t length) {
    auto* const client = static_cast<Client*>(lws_context_user(lws_get_context(connection)));
    try {
        const auto* const bytes = static_cast<const char*>(in);
        return client->handle(connection, reason, {bytes, bytes ? length : 0});
    } catch (const std::exception& error) {
        lab::log(error.what());
        return -1;
    }
}

Client::Client(const ClientOptions& options)
    : options_(options),
      url_(lab::parse_url(options.url, "ws")),
      target_(target_of(url_, options.name, options.token)),
      own_(options.name.empty() ? kDefaultName : options.name, Clock::now()) {
    protocols_[0] = {.name = "chat",
                     .callback = on_event,
                     .per_session_data_size = 0,
                     .rx_buffer_size = 16 * 1024,
                     .id = 0,
                     .user = nullptr,
                     .tx_packet_size = 0};
    lws_context_creation_info info{};
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols_.data();
    info.user = this;
    info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
    if (url_.secure) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (!options.authorities.empty()) info.client_ssl_ca_filepath = options.authorities.c_str();
    context_.reset(lws_create_context(&info));
    if (!context_) throw std::runtime_error("libwebsockets: no context; is --ca right?");
    input_.emplace([this] { lws_cancel_service(context_.get()); });
}

void Client::run() {
    connect();
    while (!done_ && lws_service(context_.get(), 0) >= 0) {
    }
    if (!error_.empty()) throw std::runtime_error(error_);
}

void Client::end(const std::string& error) {
    done_ = true;
    error_ = error;
}

void Client::connect() {
    lws_client_connect_info info{};
    info.context = context_.get();
    info.address = url_.host.c_str();
    info.port = std::stoi(url_.port);
    info.path = target_.c_str();
    info.host = server_.c_str();
    info.ssl_connection = url_.secure ? LCCSCF_USE_SSL : 0;
    info.local_protocol_name = protocols_[0].name;
    // What fails at once is told to handle() too.
    lws_client_connect_via_info(&info);
}

void Client::try_again_later(const std::string& why) {
    // The end of the input may have come while the connection broke, and nobody have seen it yet.
    if (leaving_ || input_->ended()) return end(why);
    const auto wait = backoff_.next();
    lab::log(why + "; next try in " + std::to_string(wait.count()) + " ms");
    retry_.schedule(context_.get(), wait);
}

void Client::greet() const {
    if (was_open_) {
        lab::log("connected again to " + server_);
    } else if (isatty(STDIN_FILENO)) {
        lab::log("connected to " + server_ + ": each line is a message, `exit` leaves");
    }
}

// A server that refuses us will do so again; one that is not there may come back, if it ever was.
void Client::connection_failed(lws* connection, std::string_view why) {
    const unsigned int status = lws_http_client_http_response(connection);
    std::array<char, 256> reason{};
    lws_hdr_custom_copy(connection, reason.data(), reason.size(), "x-reason:", 9);
    if (status >= 400) {
        return end(server_ + ": refused: " + std::to_string(status) +
                   (reason[0] ? ", " + lab::without_controls(reason.data()) : ""));
    }
    std::string what = server_ + ": cannot connect";
    if (!why.empty()) what += ": " + std::string(why);
    if (url_.secure) what += " (is its certificate to be trusted? see --ca)";
    if (!was_open_) return end(what);
    try_again_later(what);
}

void Client::connection_lost() {
    connection_ = nullptr;
    too_long_ = false;
    message_.clear();
    if (closing_) return end("");
    for (const std::string& message : own_.give_up())
        lab::log("not known whether it was said: " + lab::visible(message, 200));
    try_again_later(server_close_.empty() ? "the connection is lost"
                                          : "closed by the server: " + server_close_);
    server_close_.clear();
}

// Called when the library can send. Returns -1 to have it close the connection.
int Client::send_next() {
    if (too_long_) return 0;
    if (closing_) {
        lws_close_reason(connection_, LWS_CLOSE_STATUS_NORMAL, nullptr, 0);
        return -1;
    }
    if (!input_->has_line()) {
        if (input_->ended() && !leaving_) leave();
    } else if (own_.may_say_one(Clock::now())) {
        return say(*input_->next()) ? 0 : -1;
    } else {
        pause_.schedule(context_.get(), kPause);
    }
    return 0;
}

// Returns false if the connection is broken.
bool Client::say(const std::string& line) {
    if (!lab::is_utf8(line)) {
        lab::log("not UTF-8, and so no text: not sent: " + lab::visible(line));
    } else {
        std::string bytes(LWS_PRE, '\0');
        bytes += line;
        auto* const payload = reinterpret_cast<unsigned char*>(bytes.data()) + LWS_PRE;
        // First, so that one who fails to write it still tells that it may be lost.
        own_.said(line);
        if (lws_write(connection_, payload, line.size(), LWS_WRITE_TEXT) < 0) return false;
        options_.trace.sent(server_, line);
    }
    lws_callback_on_writable(connection_);
    return true;
}

// The input has ended. What we said shall come back first, but nobody waits for ever.
void Client::leave() {
    leaving_ = true;
    goodbye_.schedule(context_.get(), own_.all_heard() ? 0ms : kGoodbye);
}

void Client::close() {
    closing_ = true;
    ask_to_send();
}

void Client::ask_to_send() {
    if (connection_) lws_callback_on_writable(connection_);
}

void Client::receive(std::string_view piece) {
    if (too_long_) return;
    if (message_.size() + piece.size() > kLongestMessage) {
        lab::log("a message is longer than " + std::to_string(kLongestMessage) + " bytes");
        // At once, without a close frame: what comes after that has the library read beyond its
        // buffer.
        too_long_ = true;
        lws_set_timeout(connection_, PENDING_TIMEOUT_LAGGING, LWS_TO_KILL_ASYNC);
        return;
    }
    message_ += piece;
    if (!lws_is_final_fragment(connection_)) return;
    options_.trace.received(server_, message_);
    std::cout << (terminal_ ? lab::without_controls(message_) : message_) << std::endl;
    own_.heard(message_);
    message_.clear();
    if (leaving_ && own_.all_heard()) close();
}

int Client::handle(lws* connection, lws_callback_reasons reason, std::string_view bytes) {
    switch (reason) {
        case LWS_CALLBACK_CLIENT_ESTABLISHED:
            greet();
            connection_ = connection;
            was_open_ = true;
            backoff_.reset();
            lws_callback_on_writable(connection);
            return 0;
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
            connection_failed(connection, bytes);
            return 0;
        case LWS_CALLBACK_CLIENT_RECEIVE:
            receive(bytes);
            return 0;
        case LWS_CALLBACK_CLIENT_WRITEABLE:
            return send_next();
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            server_close_ = websocket::words_of(websocket::close_of(bytes));
            return 0;
        case LWS_CALLBACK_CLIENT_CLOSED:
            connection_lost();
            return 0;
        case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
            ask_to_send();
            // Without a connection there is nothing to wait for at the end of the input.
            if (!connection_ && was_open_ && input_->ended()) end("the connection is lost");
            return 0;
        default:
            return 0;
    }
}

}  // namespace

void run_client(const ClientOptions& options) {
    std::signal(SIGPIPE, SIG_IGN);
    lws_set_log_level(0, nullptr);
    Client(options).run();
}

}  // namespace ws_chat
