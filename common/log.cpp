#include "common/log.hpp"

#include <cstdio>

#include "common/visible.hpp"

namespace lab {
namespace {

void log_bytes(std::string_view arrow, std::string_view peer, std::string_view bytes) {
    log(std::string(arrow) + " " + std::string(peer) + "  " + std::to_string(bytes.size()) +
        (bytes.size() == 1 ? " byte  " : " bytes  ") + visible(bytes));
}

void log_end(std::string_view arrow, std::string_view peer) {
    log(std::string(arrow) + " " + std::string(peer) + "  end of stream (FIN)");
}

}  // namespace

void log(const std::string& line) {
    const std::string whole = line + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

void Trace::sent(std::string_view peer, std::string_view bytes) const {
    if (on_) log_bytes("→", peer, bytes);
}
void Trace::received(std::string_view peer, std::string_view bytes) const {
    if (on_) log_bytes("←", peer, bytes);
}
void Trace::sent_end(std::string_view peer) const {
    if (on_) log_end("→", peer);
}
void Trace::received_end(std::string_view peer) const {
    if (on_) log_end("←", peer);
}

}  // namespace lab
