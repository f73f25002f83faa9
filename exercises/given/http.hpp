// Requests and responses of HTTP/1.1 (RFC 9112), as lessons/http.md explains them.
#pragma once
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>

#include "stream.hpp"

constexpr std::size_t kMaxBodyBytes = 1 << 20;
constexpr std::size_t kMaxHeaders = 100;

using Fields = std::map<std::string, std::string>;

// A request or a response: its first line in three words ("GET", "/", "HTTP/1.1"), its headers by
// their names in lower case, and its body.
struct Message {
    std::string words[3];
    Fields fields;
    std::string body;

    std::string path() const { return words[1].substr(0, words[1].find('?')); }
    std::string query() const {
        return words[1].substr(std::min(path().size() + 1, words[1].size()));
    }
};

// Reads the first line and the headers, up to the empty line.
inline Message read_head(Stream& stream) {
    Message message;
    const std::string first = stream.read_line();
    const std::size_t one = std::min(first.find(' '), first.size());
    const std::size_t two = std::min(first.find(' ', one + 1), first.size());
    message.words[0] = first.substr(0, one);
    message.words[1] = first.substr(std::min(one + 1, first.size()), two - one - 1);
    message.words[2] = first.substr(std::min(two + 1, first.size()));
    for (std::string line; !(line = stream.read_line()).empty();) {
        const std::size_t colon = std::min(line.find(':'), line.size() - 1);
        std::string name = line.substr(0, colon);
        for (char& letter : name) letter = static_cast<char>(std::tolower(letter));
        const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
        if (begin != std::string::npos) message.fields[name] = line.substr(begin);
        if (message.fields.size() > kMaxHeaders) throw std::runtime_error("too many headers");
    }
    return message;
}

// A body has a length, or comes in chunks (RFC 9112, section 6), or there is none.
inline std::string read_body(Stream& stream, const Fields& fields) {
    const auto field = [&](const std::string& name) {
        return fields.contains(name) ? fields.at(name) : "";
    };
    const std::size_t length = std::strtoul(field("content-length").c_str(), nullptr, 10);
    if (length > kMaxBodyBytes) throw std::runtime_error("the body is too long");
    if (field("transfer-encoding").empty()) return stream.read(length);
    std::string body;
    while (const std::size_t size = std::stoul(stream.read_line(), nullptr, 16)) {
        if (size > kMaxBodyBytes - body.size()) throw std::runtime_error("the body is too long");
        body += stream.read(size);
        stream.read_line();
    }
    while (!stream.read_line().empty()) {
    }
    return body;
}

inline Message read_message(Stream& stream) {
    Message message = read_head(stream);
    message.body = read_body(stream, message.fields);
    return message;
}

// Sends a whole response. `more` are further headers, each with its CRLF.
inline void respond(Stream& stream, const std::string& status, const std::string& type,
                    const std::string& body, const std::string& more = "") {
    stream.send_all("HTTP/1.1 " + status + "\r\nContent-Type: " + type +
                    "\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\nCache-Control: no-store\r\n" + more + "\r\n" + body);
}

// Each byte but letters and digits as % and two hexadecimal digits (RFC 3986, section 2.1), for a
// target.
inline std::string percent_encoded(const std::string& text) {
    std::string encoded;
    for (const char letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        char digits[4];
        std::snprintf(digits, sizeof digits, "%%%02X", byte);
        encoded += byte < 0x80 && std::isalnum(byte) ? std::string(1, letter) : digits;
    }
    return encoded;
}
