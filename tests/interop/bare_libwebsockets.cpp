// libwebsockets with as little around it as can be, for lesson 05: bare_libwebsockets PORT. The
// library itself listens, on 127.0.0.1 as it is told, and offers permessage-deflate. Prints what
// the library says of each request and message.
#include <libwebsockets.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::string header(lws* connection, lws_token_indexes token) {
    std::array<char, 200> value{};
    lws_hdr_copy(connection, value.data(), value.size(), token);
    return value.data();
}

int on_event(lws* connection, lws_callback_reasons reason, void* user, void* in,
             std::size_t length) {
    if (reason == LWS_CALLBACK_HTTP) {
        std::cout << "path " << header(connection, WSI_TOKEN_GET_URI) << ", host "
                  << header(connection, WSI_TOKEN_HOST) << std::endl;
    }
    if (reason == LWS_CALLBACK_RECEIVE) std::cout << length << " bytes" << std::endl;
    return lws_callback_http_dummy(connection, reason, user, in, length);
}

}  // namespace

int main(int, char** arguments) {
    std::array<lws_protocols, 2> protocols{};
    protocols[0].name = "bare";
    protocols[0].callback = on_event;
    protocols[0].rx_buffer_size = 4096;
    std::array<lws_extension, 2> extensions{};
    extensions[0] = {"permessage-deflate", lws_extension_callback_pm_deflate,
                     "permessage-deflate; client_max_window_bits"};

    lws_context_creation_info info{};
    info.iface = "127.0.0.1";
    info.port = std::atoi(arguments[1]);
    info.protocols = protocols.data();
    info.extensions = extensions.data();
    lws_set_log_level(LLL_ERR, nullptr);
    lws_context* const context = lws_create_context(&info);
    while (context && lws_service(context, 0) >= 0) {
    }
    return EXIT_FAILURE;
}
