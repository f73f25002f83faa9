#include "05_ws_chat/target.hpp"

#include "common/http/target.hpp"

namespace ws_chat {

std::string target_of(const lab::Url& url, const std::string& name, const std::string& token) {
    std::string target = url.target;
    const auto add = [&](const std::string& key, const std::string& value) {
        if (value.empty()) return;
        target += target.find('?') == std::string::npos ? '?' : '&';
        target += key + "=" + http::percent_encode(value);
    };
    add("name", name);
    add("token", token);
    return target;
}

}  // namespace ws_chat
