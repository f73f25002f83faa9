#include "05_ws_chat/target.hpp"

#include <cctype>
#include <string_view>

namespace ws_chat {
namespace {

// All but letters, digits and "-._~" as %XX: RFC 3986, section 2.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) || std::string_view("-._~").find(c) != std::string_view::npos) {
            encoded += c;
        } else {
            encoded += '%';
            encoded += kDigits[byte >> 4];
            encoded += kDigits[byte & 0xF];
        }
    }
    return encoded;
}

}  // namespace

std::string target_of(const lab::Url& url, const std::string& name, const std::string& token) {
    std::string target = url.target;
    const auto add = [&](const std::string& key, const std::string& value) {
        if (value.empty()) return;
        target += target.find('?') == std::string::npos ? '?' : '&';
        target += key + "=" + percent_encoded(value);
    };
    add("name", name);
    add("token", token);
    return target;
}

}  // namespace ws_chat
