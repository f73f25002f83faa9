// How Sec-WebSocket-Accept comes from Sec-WebSocket-Key, step by step.
#include <iostream>
#include <stdexcept>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/handshake.hpp"
#include "04_handshake/programs.hpp"

namespace websocket {

void explain_key(const std::string& key) {
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

}  // namespace websocket
