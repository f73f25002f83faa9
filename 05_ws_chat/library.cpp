#include "05_ws_chat/library.hpp"

#include <stdexcept>

#include "05_ws_chat/library_calls.hpp"
#include "05_ws_chat/reception.hpp"
#include "05_ws_chat/room.hpp"

namespace ws_chat {
namespace {

// The most that the library reads of a request's headers, in bytes, with TLS; without it the
// reception has the same limit.
constexpr unsigned short kMaxHeaders = 16 * 1024;

}  // namespace

Library::Library(const ServerOptions& options, lws_callback_function* callback, void* owner) {
    in_library = true;
    protocols_[0] = {.name = "chat",
                     .callback = callback,
                     .per_session_data_size = sizeof(Session),
                     .rx_buffer_size = 2048,
                     .id = 0,
                     .user = nullptr,
                     .tx_packet_size = Room::kMaxWrite};
    liveness_.secs_since_valid_ping = static_cast<std::uint16_t>(options.ping.count());
    liveness_.secs_since_valid_hangup =
        static_cast<std::uint16_t>((options.ping.count() * 3 + 1) / 2);

    lws_context_creation_info info{};
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = protocols_.data();
    info.user = owner;
    info.timeout_secs = static_cast<unsigned int>(kPatience.count());
    info.retry_and_idle_policy = &liveness_;
    info.alpn = "http/1.1";
    info.options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    if (options.rules.secure) {
        info.max_http_header_data = kMaxHeaders;
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = options.certificate.c_str();
        info.ssl_private_key_filepath = options.key.c_str();
        info.ssl_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1;
    }
    create_context(info);
    vhost_ = lws_create_vhost(context_, &info);
    if (vhost_) return;
    lws_context_destroy(context_);
    throw std::runtime_error("libwebsockets: no server; are --cert and --key right?");
}

Library::~Library() {
    lws_context_destroy(context_);
    in_library = false;
}

void Library::create_context(lws_context_creation_info& info) {
    auto* const interrupt = std::signal(SIGINT, SIG_DFL);
    // With libev an idle member costs nothing; where it is not installed, poll will do.
    info.options |= LWS_SERVER_OPTION_LIBEV;
    context_ = lws_create_context(&info);
    if (!context_) {
        libev_ = false;
        info.options &= ~std::uint64_t{LWS_SERVER_OPTION_LIBEV};
        context_ = lws_create_context(&info);
    }
    libev_interrupt_ = std::signal(SIGINT, interrupt);
    if (!context_) throw std::runtime_error("libwebsockets: no context");
}

void Library::serve() {
    // With libev the first call returns only after end().
    while (!ended_ && lws_service(context_, 0) >= 0) {
    }
}

// lws_service() returns from libev's loop only when libev gets SIGINT. (Destroying the context here
// ends it too, but not always: with a handshake under way the loop may spin for ever.)
void Library::end() {
    ended_ = true;
    if (!libev_) return;
    std::signal(SIGINT, libev_interrupt_);
    std::raise(SIGINT);
}

}  // namespace ws_chat
