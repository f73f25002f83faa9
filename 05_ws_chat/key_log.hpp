// The secrets of TLS, for a reader of captures. A capture of wss:// holds only
// encrypted bytes.
#pragma once

#include <string>

namespace ws_chat {

/// Creates `file`, readable for its owner alone, or adds to it from now on: a line for each secret,
/// as browsers do with SSLKEYLOGFILE. A reader of the file can decrypt the whole chat. Throws
/// std::system_error if it cannot be opened, std::runtime_error if the library has not been built
/// with OpenSSL. Called once, before any other thread starts.
void open_key_log(const std::string& file);

/// Has the secrets of each connection of `context`, an SSL_CTX, logged, if there is a key log.
/// Source: LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS, SSL_CTX_set_keylog_callback(3).
void log_secrets_of(void* context);

}  // namespace ws_chat
