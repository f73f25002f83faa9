#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <stdexcept>
#include <string>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/handshake.hpp"
#include "04_handshake/programs.hpp"
#include "common/options.hpp"

namespace {

constexpr std::int64_t kMiB = 1024 * 1024;

int server(int argc, char** argv) {
    std::string host = "127.0.0.1";
    std::int64_t port = 8004;
    bool trace = false;
    std::int64_t max_message = 16 * kMiB;
    std::int64_t max_clients = 1000;
    std::string guid{websocket::kGuid};
    lab::Options options("04_handshake server");
    options.own_address(host, port);
    options.trace(trace);
    options.capture();
    options.number("max-message", "BYTES", max_message, 0, 1024 * kMiB,
                   "longest message; a longer one is closed with 1009");
    options.number("max-clients", "N", max_clients, 1, 100 * 1000, "most clients at a time");
    options.text("guid", "TEXT", guid, "for variants of this step: what the key is hashed with");
    options.parse(argc, argv);
    websocket::run_server({.host = host,
                           .port = std::to_string(port),
                           .trace = lab::Trace(trace),
                           .max_message = static_cast<std::size_t>(max_message),
                           .max_clients = static_cast<std::size_t>(max_clients),
                           .guid = guid});
    return EXIT_SUCCESS;
}

int client(int argc, char** argv) {
    std::string url = "ws://127.0.0.1:8004/";
    bool trace = false;
    bool binary = false;
    std::int64_t max_message = 16 * kMiB;
    lab::Options options("04_handshake client");
    options.word("ws://HOST:PORT/PATH", url, "the server");
    options.trace(trace);
    options.capture();
    options.flag("binary", binary, "send binary messages");
    options.number("max-message", "BYTES", max_message, 0, 1024 * kMiB,
                   "longest message; a longer one is closed with 1009");
    options.parse(argc, argv);
    const bool all_sent =
        websocket::run_client({.url = url,
                               .trace = lab::Trace(trace),
                               .binary = binary,
                               .max_message = static_cast<std::size_t>(max_message)});
    return all_sent ? EXIT_SUCCESS : EXIT_FAILURE;
}

// How Sec-WebSocket-Accept comes from `key`, step by step.
void explain_key(const std::string& key) {
    using namespace websocket;
    if (const auto fault = check_key(key))
        throw std::runtime_error("'" + key + "' is no Sec-WebSocket-Key: " + fault->text);
    const std::string bytes = decode_key(key);
    const std::string hashed = key + std::string(kGuid);
    std::cout << "Sec-WebSocket-Key     " << key << '\n'
              << "its 16 bytes          " << hexadecimal(bytes) << '\n'
              << "key + GUID            " << hashed << '\n'
              << "SHA-1 of that         " << hexadecimal(sha1(hashed), "") << '\n'
              << "Sec-WebSocket-Accept  " << accept_value(key) << "   (the 20 bytes in Base64)\n";
    // Two letters hold 12 bits, the last byte 8: four bits are left over, and should be zero.
    if (const std::string canonical = base64(bytes); canonical != key) {
        std::cout << "Note: an encoder would write these 16 bytes as " << canonical
                  << ": the last letter has bits that stand for nothing.\n"
                     "      The key is accepted as it is, and hashed as it is: as text.\n";
    }
}

int explain(int argc, char** argv) {
    std::string key;
    lab::Options options("04_handshake explain");
    options.word("KEY", key, "a Sec-WebSocket-Key");
    options.parse(argc, argv);
    explain_key(key);
    return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
    return lab::run_program(
        "04_handshake", {{"server", server}, {"client", client}, {"explain", explain}}, argc, argv);
}
