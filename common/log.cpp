#include "common/log.hpp"

#include <algorithm>
#include <cstdio>

#include "common/visible.hpp"

namespace lab {
namespace {

constexpr std::size_t kShownOfLine = 256;

std::string count_of_bytes(std::string_view arrow, std::string_view peer, std::string_view bytes) {
    return std::string(arrow) + " " + std::string(peer) + "  " + std::to_string(bytes.size()) +
           (bytes.size() == 1 ? " byte" : " bytes");
}

void log_bytes(std::string_view arrow, std::string_view peer, std::string_view bytes) {
    log(count_of_bytes(arrow, peer, bytes) + "  " + visible(bytes));
}

void log_lines(std::string_view arrow, std::string_view peer, std::string_view bytes) {
    std::string text = count_of_bytes(arrow, peer, bytes);
    while (!bytes.empty()) {
        const std::string_view line = bytes.substr(0, bytes.find('\n'));
        const std::size_t size = std::min(line.size() + 1, bytes.size());
        text += "\n    " + visible(bytes.substr(0, size), kShownOfLine);
        bytes.remove_prefix(size);
    }
    log(text);
}

void log_end(std::string_view arrow, std::string_view peer) {
    log(std::string(arrow) + " " + std::string(peer) + "  end of stream (FIN)");
}

}  // namespace

void log(const std::string& line) {
    const std::string whole = without_controls(line) + "\n";
    std::fwrite(whole.data(), 1, whole.size(), stderr);
}

void Trace::sent(std::string_view peer, std::string_view bytes) const {
    if (on_) log_bytes("→", peer, bytes);
}
void Trace::received(std::string_view peer, std::string_view bytes) const {
    if (on_) log_bytes("←", peer, bytes);
}
void Trace::sent_lines(std::string_view peer, std::string_view bytes) const {
    if (on_) log_lines("→", peer, bytes);
}
void Trace::received_lines(std::string_view peer, std::string_view bytes) const {
    if (on_) log_lines("←", peer, bytes);
}
void Trace::sent_end(std::string_view peer) const {
    if (on_) log_end("→", peer);
}
void Trace::received_end(std::string_view peer) const {
    if (on_) log_end("←", peer);
}

}  // namespace lab
