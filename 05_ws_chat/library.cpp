#include "05_ws_chat/library.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "05_ws_chat/reception.hpp"
#include "05_ws_chat/room.hpp"
#include "common/address.hpp"
#include "common/check.hpp"
#include "common/http/target.hpp"
#include "common/log.hpp"

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

    lws_context_creation_info info{};
    info.port = CONTEXT_PORT_NO_LISTEN_SERVER;
    info.protocols = protocols_.data();
    info.user = owner;
    info.timeout_secs = static_cast<unsigned int>(kPatience.count());
    info.retry_and_idle_policy = &no_pings_;
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

void end_connection(lws* connection) {
    shutdown(lws_get_socket_fd(connection), SHUT_RDWR);
}

// --- HTTP ----------------------------------------------------------------------------------------

namespace {

struct Token {
    lws_token_indexes token;
    const char* name;
};

// The library files the target under the method. It knows more methods: the chat knows none of
// them.
constexpr std::array kMethods{Token{WSI_TOKEN_GET_URI, "GET"}, Token{WSI_TOKEN_HEAD_URI, "HEAD"},
                              Token{WSI_TOKEN_POST_URI, "POST"}};
constexpr std::array kFields{Token{WSI_TOKEN_HOST, "Host"},
                             Token{WSI_TOKEN_UPGRADE, "Upgrade"},
                             Token{WSI_TOKEN_CONNECTION, "Connection"},
                             Token{WSI_TOKEN_ORIGIN, "Origin"},
                             Token{WSI_TOKEN_VERSION, "Sec-WebSocket-Version"},
                             Token{WSI_TOKEN_KEY, "Sec-WebSocket-Key"},
                             Token{WSI_TOKEN_PROTOCOL, "Sec-WebSocket-Protocol"},
                             Token{WSI_TOKEN_HTTP_CONTENT_LENGTH, "Content-Length"},
                             Token{WSI_TOKEN_HTTP_TRANSFER_ENCODING, "Transfer-Encoding"}};

// Joins the values of a field that comes more than once with a comma, as the library does.
std::optional<std::string> value_of(lws* connection, lws_token_indexes token) {
    const int length = lws_hdr_total_length(connection, token);
    if (length <= 0) return std::nullopt;
    std::string value(static_cast<std::size_t>(length) + 1, '\0');
    if (lws_hdr_copy(connection, value.data(), length + 1, token) < 0) return std::nullopt;
    value.resize(static_cast<std::size_t>(length));
    return value;
}

// The library has decoded the arguments already, and keeps each as "name=value".
std::vector<http::Field> arguments_of(lws* connection) {
    std::vector<http::Field> arguments;
    for (int i = 0;; ++i) {
        const int length = lws_hdr_fragment_length(connection, WSI_TOKEN_HTTP_URI_ARGS, i);
        std::string text(static_cast<std::size_t>(length) + 1, '\0');
        // Negative after the last one; the length alone does not tell an empty one from none.
        if (lws_hdr_copy_fragment(connection, text.data(), length + 1, WSI_TOKEN_HTTP_URI_ARGS, i) <
            0)
            return arguments;
        text.resize(static_cast<std::size_t>(length));
        const std::size_t equals = std::min(text.find('='), text.size());
        arguments.push_back(
            {text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))});
    }
}

}  // namespace

std::variant<http::Request, http::Refusal> request_of(lws* connection) {
    // A line end in the target, as %0A, ends the request line for the library: then it finds no
    // version.
    const auto version = value_of(connection, WSI_TOKEN_HTTP);
    if (!version) return http::Refusal{400, "the request line is malformed", {}};
    http::Request request;
    request.head.method = "another";
    for (const Token& method : kMethods) {
        if (const auto path = value_of(connection, method.token)) {
            request.head.method = method.name;
            request.target.path = *path;
        }
    }
    request.head.minor_version = version->ends_with("1.0") ? 0 : 1;
    for (const Token& field : kFields) {
        if (auto value = value_of(connection, field.token))
            request.head.fields.push_back({field.name, std::move(*value)});
    }
    request.target.arguments = arguments_of(connection);
    request.head.target += '/';  // the library has taken the real one apart
    http::Target target;
    if (auto refusal = http::parse_target(request.head, target)) return std::move(*refusal);
    request.target.authority = target.authority;
    return request;
}

bool write_response(lws* connection, const http::Response& response, bool with_body) {
    if (response.status >= 400) {
        lab::log(lab::peer_address(lws_get_socket_fd(connection)) +
                 " refused: " + std::to_string(response.status) + ", " +
                 response.body.substr(0, response.body.find('\n')));
    }
    const std::string bytes = http::to_bytes(response, http::Persistence::close, with_body);
    std::string with_room = std::string(LWS_PRE, '\0') + bytes;
    auto* const begin = reinterpret_cast<unsigned char*>(with_room.data()) + LWS_PRE;
    return lws_write(connection, begin, bytes.size(), LWS_WRITE_HTTP) >= 0;
}

// --- the key log ---------------------------------------------------------------------------------

namespace {

using SetCallback = void (*)(void* context, void (*callback)(const void*, const char*));

// Set once, before the threads start. Only the library's thread logs secrets.
int key_log = -1;
bool failed = false;

// OpenSSL is linked with libwebsockets, and not with us: its function is looked up when we run.
SetCallback set_callback() {
    return reinterpret_cast<SetCallback>(dlsym(RTLD_DEFAULT, "SSL_CTX_set_keylog_callback"));
}

void log_secret(const void* /*connection*/, const char* line) {
    const std::string whole = std::string(line) + "\n";
    const bool written =
        write(key_log, whole.data(), whole.size()) == static_cast<ssize_t>(whole.size());
    // TLS goes on without.
    if (!written && !std::exchange(failed, true))
        lab::log(std::string("keylog: ") + std::strerror(errno) + ": a secret is missing");
}

}  // namespace

void open_key_log(const std::string& file) {
    if (!set_callback()) throw std::runtime_error("--keylog: libwebsockets has no OpenSSL here");
    key_log = lab::check(
        "open " + file,
        open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR));
}

void log_secrets_of(void* context) {
    if (key_log >= 0) set_callback()(context, log_secret);
}

}  // namespace ws_chat
