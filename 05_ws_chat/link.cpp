#include "05_ws_chat/link.hpp"

#include <stdexcept>
#include <utility>

#include "04_handshake/message.hpp"
#include "05_ws_chat/library.hpp"
#include "common/http/client.hpp"
#include "common/http/target.hpp"
#include "common/log.hpp"
#include "common/visible.hpp"

namespace ws_chat {
namespace {

// A longer message from the server ends the connection.
constexpr std::size_t kMaxMessage = 16 * 1024 * 1024;

// The path and query of the URL, and behind them ?name= and &token=, percent-encoded; empty ones
// are left out (RFC 3986, section 3.4).
std::string target_of(std::string target, const std::string& name, const std::string& token) {
    const auto add = [&](const std::string& key, const std::string& value) {
        if (value.empty()) return;
        target += target.find('?') == std::string::npos ? '?' : '&';
        target += key + "=" + http::percent_encode(value);
    };
    add("name", name);
    add("token", token);
    return target;
}

}  // namespace

// The library is C: an exception must not get there.
int Link::on_event(lws* connection, lws_callback_reasons reason, void* user, void* in,
                   std::size_t length) {
    if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS) log_secrets_of(user);
    auto* const link = static_cast<Link*>(lws_context_user(lws_get_context(connection)));
    if (link->ending_) return 0;
    try {
        const auto* const bytes = static_cast<const char*>(in);
        return link->handle(connection, reason, {bytes, bytes ? length : 0});
    } catch (...) {
        link->error_ = std::current_exception();
        // A wake-up is told of no connection that could be closed.
        return reason == LWS_CALLBACK_EVENT_WAIT_CANCELLED ? 0 : -1;
    }
}

Link::Link(const ClientOptions& options, LinkUser& user)
    : options_(options),
      url_(lab::parse_url(options.url, "ws")),
      target_(target_of(url_.target, options.name, options.token)),
      user_(user) {
    protocols_[0] = {.name = "chat",
                     .callback = on_event,
                     .per_session_data_size = 0,
                     .rx_buffer_size = 16 * 1024,
                     .id = 0,
                     .user = nullptr,
                     .tx_packet_size = 0};
    // The library pings a server that is silent, and gives it up when no pong comes: a connection
    // whose other end has vanished without FIN looks like a silent one.
    const auto timeout = static_cast<std::uint16_t>(options_.timeout.count());
    liveness_.secs_since_valid_ping = static_cast<std::uint16_t>((timeout + 1) / 2);
    liveness_.secs_since_valid_hangup = timeout;
    lws_context_creation_info info{};
    info.port = CONTEXT_PORT_NO_LISTEN;
    info.protocols = protocols_.data();
    info.user = this;
    info.options = LWS_SERVER_OPTION_VALIDATE_UTF8;
    info.retry_and_idle_policy = &liveness_;
    // The library ends a handshake after 5 s unless it is told otherwise, and reports no failure.
    info.timeout_secs = static_cast<unsigned int>(options_.timeout.count()) + 1;
    if (url_.secure) info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    if (!options_.authorities.empty()) info.client_ssl_ca_filepath = options_.authorities.c_str();
    in_library = true;
    context_.reset(lws_create_context(&info));
    if (!context_) throw std::runtime_error("libwebsockets: no context; is --ca right?");
}

// The library tells of the end of every connection then.
Link::~Link() {
    ending_ = true;
    context_.reset();
    in_library = false;
}

void Link::connect() {
    trying_ = true;
    closing_ = false;
    handshake_.schedule(context(), options_.timeout);
    lws_client_connect_info info{};
    info.context = context();
    info.address = url_.host.c_str();
    info.port = std::stoi(url_.port);
    info.path = target_.c_str();
    info.host = server_.c_str();
    info.ssl_connection = url_.secure ? LCCSCF_USE_SSL : 0;
    info.local_protocol_name = protocols_[0].name;
    info.retry_and_idle_policy = &liveness_;
    info.pwsi = &connecting_;
    // Most failures are told to handle(), also those that come at once; but not that of a lookup.
    if (!lws_client_connect_via_info(&info) && trying_) give_up("the name is not found");
}

void Link::serve() {
    if (lws_service(context(), 0) < 0)
        throw std::runtime_error("libwebsockets: the loop has ended");
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
}

// Ends a handshake that takes too long. The library's own time limit is longer than ours.
void Link::end_handshake() {
    if (connecting_)
        lws_set_timeout(connecting_, PENDING_TIMEOUT_AWAITING_SERVER_RESPONSE, LWS_TO_KILL_ASYNC);
    give_up("no answer in " + std::to_string(options_.timeout.count()) + " s");
}

// A timer of the library may have called us: an exception must not get there.
void Link::give_up(const std::string& why) {
    forget_connection();
    try {
        tell_lost(why);
    } catch (...) {
        error_ = std::current_exception();
        wake();
    }
}

void Link::ask_to_send() {
    if (connection_) lws_callback_on_writable(connection_);
}

void Link::send(const std::string& text) {
    std::string bytes(LWS_PRE, '\0');
    bytes += text;
    auto* const payload = reinterpret_cast<unsigned char*>(bytes.data()) + LWS_PRE;
    broken_ = lws_write(connection_, payload, text.size(), LWS_WRITE_TEXT) < 0;
}

void Link::receive(std::string_view piece) {
    if (too_long_) return;
    if (message_.size() + piece.size() > kMaxMessage) {
        lab::log("a message is longer than " + std::to_string(kMaxMessage) + " bytes");
        // At once, without a close frame: what comes after that has the library read beyond its
        // buffer.
        too_long_ = true;
        lws_set_timeout(connection_, PENDING_TIMEOUT_LAGGING, LWS_TO_KILL_ASYNC);
        return;
    }
    message_ += piece;
    if (lws_is_final_fragment(connection_)) user_.received(std::exchange(message_, {}));
}

void Link::fail_to_connect(lws* connection, std::string_view why) {
    LinkRefusal refusal;
    refusal.status = lws_http_client_http_response(connection);
    std::array<char, 256> text{};
    lws_hdr_custom_copy(connection, text.data(), text.size(), "x-reason:", 9);
    refusal.reason = lab::one_line(text.data());
    text = {};
    lws_hdr_copy(connection, text.data(), text.size(), WSI_TOKEN_HTTP_RETRY_AFTER);
    refusal.retry_after = http::retry_after(text.data());
    if (refusal.status >= 400) return user_.refused(refusal);
    // From version 4.3.5 on the library ends its reason with a line end, and the log is one line.
    tell_lost(std::string(why.substr(0, why.find_last_not_of("\r\n") + 1)));
}

// There was no connection, and `why`, which may be empty.
void Link::tell_lost(const std::string& why) {
    std::string what = server_ + ": cannot connect" + (why.empty() ? "" : ": ") + why;
    if (url_.secure) what += " (is its certificate to be trusted? see --ca)";
    user_.lost(what);
}

void Link::forget_connection() {
    trying_ = false;
    connecting_ = connection_ = nullptr;
    too_long_ = broken_ = false;
    message_.clear();
    handshake_.cancel();
}

// Returns -1 to have the library end the connection.
int Link::handle(lws* connection, lws_callback_reasons reason, std::string_view bytes) {
    switch (reason) {
        case LWS_CALLBACK_CLIENT_ESTABLISHED:
            forget_connection();
            connection_ = connection;
            user_.opened();
            return 0;
        case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
            // Of a try that was given up nothing is left to tell.
            if (!trying_) return 0;
            forget_connection();
            fail_to_connect(connection, bytes);
            return 0;
        case LWS_CALLBACK_CLIENT_RECEIVE:
            receive(bytes);
            return 0;
        case LWS_CALLBACK_CLIENT_WRITEABLE:
            if (!too_long_ && !closing_) user_.can_send();
            if (closing_) lws_close_reason(connection, LWS_CLOSE_STATUS_NORMAL, nullptr, 0);
            return closing_ || broken_ ? -1 : 0;
        case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
            server_close_ = websocket::words_of(websocket::close_of(bytes));
            return 0;
        case LWS_CALLBACK_CLIENT_CLOSED:
            forget_connection();
            user_.lost(server_close_.empty() ? "the connection is lost"
                                             : "closed by the server: " + server_close_);
            server_close_.clear();
            return 0;
        case LWS_CALLBACK_WSI_DESTROY:
            // The library frees the connection after this callback, whatever the reason.
            if (connection == connecting_) connecting_ = nullptr;
            return 0;
        case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
            user_.woken();
            return 0;
        default:
            return 0;
    }
}

}  // namespace ws_chat
