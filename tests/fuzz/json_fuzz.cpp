// Text comes out of a string of JSON as it went in, and whatever a server answers is either read or
// refused: what was read holds valid text and whole numbers only. The first byte of the input says
// which of the two is tried.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

#include "07_longpoll/answer.hpp"
#include "07_longpoll/mailbox.hpp"
#include "common/utf8.hpp"

using namespace longpoll;

namespace {

// The longest string that the parser takes in one piece is shorter than some of these.
void write_and_read(const std::string& text) {
    Mailbox mailbox({.history = 10, .answer = 1024}, "0123456789abcdef");
    mailbox.post("User", text);
    mailbox.post(text, "");
    const auto body = mailbox.answer(mailbox.question(0, nullptr));
    for (const char byte : *body)
        if (static_cast<unsigned char>(byte) < ' ' || byte == 0x7F) std::abort();
    const Answer answer = parse_answer(*body);
    if (answer.messages.empty() || answer.messages[0] != Message{1, "User", text}) std::abort();
    if (answer.messages.size() == 2 && answer.messages[1] != Message{2, text, ""}) std::abort();
    if (answer.messages.size() != answer.last) std::abort();
}

void read(std::string_view body) {
    try {
        const Answer answer = parse_answer(body);
        if (answer.last > kLastId || !lab::is_utf8(answer.epoch)) std::abort();
        for (const Message& message : answer.messages) {
            if (message.id > kLastId || !lab::is_utf8(message.name) || !lab::is_utf8(message.text))
                std::abort();
        }
    } catch (const std::runtime_error&) {
    }
    try {
        if (parse_receipt(body).id > kLastId) std::abort();
    } catch (const std::runtime_error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (data[0] % 2 == 0) {
        read(rest);
    } else if (lab::is_utf8(rest)) {
        write_and_read(rest);
    }
    return 0;
}
