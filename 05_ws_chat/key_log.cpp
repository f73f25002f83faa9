#include "05_ws_chat/key_log.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "common/check.hpp"
#include "common/log.hpp"

namespace ws_chat {
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
