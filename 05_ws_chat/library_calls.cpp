// The calls with which libwebsockets and OpenSSL speak to the network. The dynamic linker of an ELF
// system, as Linux, looks a name up in the program first: so the library calls these functions,
// which make the call and tell the capture. Elsewhere the library calls the C library's own, and a
// capture holds no more than the handshakes. Source: ld.so(8); dlsym(3), RTLD_NEXT.
#include "05_ws_chat/library.hpp"

#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>

#include "common/capture.hpp"

namespace {

// The C library's function of this name.
template <class Call>
Call next(const char* name) {
    return reinterpret_cast<Call>(dlsym(RTLD_NEXT, name));
}

// Tells the capture of a call of the library.
template <class Tell>
void tell(const Tell& what) {
    if (ws_chat::in_library && lab::capture::is_on()) what();
}

}  // namespace

extern "C" {

ssize_t recv(int socket, void* buffer, std::size_t size, int flags) {
    static const auto call = next<decltype(&recv)>("recv");
    const ssize_t received = call(socket, buffer, size, flags);
    if (!(flags & MSG_PEEK)) tell([&] { lab::capture::received(socket, buffer, received); });
    return received;
}

ssize_t send(int socket, const void* bytes, std::size_t size, int flags) {
    static const auto call = next<decltype(&send)>("send");
    const ssize_t sent = call(socket, bytes, size, flags);
    tell([&] { lab::capture::sent(socket, bytes, sent); });
    return sent;
}

// OpenSSL reads and writes its sockets like files.
ssize_t read(int descriptor, void* buffer, std::size_t size) {
    static const auto call = next<decltype(&read)>("read");
    const ssize_t received = call(descriptor, buffer, size);
    tell([&] { lab::capture::received(descriptor, buffer, received); });
    return received;
}

ssize_t write(int descriptor, const void* bytes, std::size_t size) {
    static const auto call = next<decltype(&write)>("write");
    const ssize_t sent = call(descriptor, bytes, size);
    tell([&] { lab::capture::sent(descriptor, bytes, sent); });
    return sent;
}

int shutdown(int socket, int how) {
    static const auto call = next<decltype(&shutdown)>("shutdown");
    if (how != SHUT_RD) tell([&] { lab::capture::shut_down(socket); });
    return call(socket, how);
}

int close(int descriptor) {
    static const auto call = next<decltype(&close)>("close");
    tell([&] { lab::capture::closing(descriptor); });
    return call(descriptor);
}

}  // extern "C"

namespace {

// Each function looks the next one of its name up when it is called first. A signal handler may
// call write(2), and must not look anything up: so all have been called before main().
[[maybe_unused]] const bool all_found = [] {
    recv(-1, nullptr, 0, 0);
    send(-1, nullptr, 0, 0);
    (void)!read(-1, nullptr, 0);
    (void)!write(-1, nullptr, 0);
    shutdown(-1, SHUT_WR);
    close(-1);
    return true;
}();

}  // namespace
