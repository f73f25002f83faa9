#include "04_handshake/handshake.hpp"

#include <libwebsockets.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "common/check.hpp"
#include "common/http/body.hpp"

namespace websocket {
namespace {

constexpr std::size_t kKeyBytes = 16;
// Four letters for three bytes; the last four hold one byte and end with "==".
constexpr std::size_t kKeyLetters = 24;
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

using http::bad_request;

// A client that learns what would have been right may try again: RFC 9110, section 15.5.22.
http::Refusal upgrade_required(const std::string& text) {
    return {426,
            text,
            {{"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Version", "13"}}};
}

}  // namespace

std::optional<http::Refusal> check_key(std::string_view key) {
    if (key.size() != kKeyLetters) {
        return bad_request("it has " + std::to_string(key.size()) +
                           " characters, and 16 bytes in Base64 have 24");
    }
    const std::size_t letters = key.find_last_not_of('=') + 1;
    const std::size_t stranger = key.substr(0, letters).find_first_not_of(kBase64);
    if (stranger != std::string_view::npos) {
        return bad_request("its character " + std::to_string(stranger + 1) +
                           " is not one of Base64's");
    }
    if (letters != kKeyLetters - 2) {
        return bad_request("it ends with " + std::to_string(kKeyLetters - letters) +
                           " '=', and 16 bytes in Base64 end with 2");
    }
    return std::nullopt;
}

std::string decode_key(std::string_view key) {
    std::array<char, kKeyLetters> bytes{};
    lws_b64_decode_string_len(key.data(), static_cast<int>(key.size()), bytes.data(),
                              static_cast<int>(bytes.size()));
    return {bytes.data(), kKeyBytes};
}

std::string sha1(std::string_view bytes) {
    std::array<unsigned char, 20> digest{};
    lws_SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    return {digest.begin(), digest.end()};
}

std::string base64(std::string_view bytes) {
    // Room for the zero at the end, and for one more that lws_b64_encode_string() wants.
    std::string text((bytes.size() + 2) / 3 * 4 + 2, '\0');
    const int length = lws_b64_encode_string(bytes.data(), static_cast<int>(bytes.size()),
                                             text.data(), static_cast<int>(text.size()));
    text.resize(static_cast<std::size_t>(length));
    return text;
}

// lesson: accept
std::string accept_value(std::string_view key, std::string_view guid) {
    return base64(sha1(std::string(key).append(guid)));
}
// lesson end

std::optional<http::Refusal> check_request(const http::Head& request) {
    // A body is of no use here, but one whose end two readers could find in two places is an
    // attack.
    const auto framing = http::framing_of(request);
    if (const auto* const fault = std::get_if<http::Refusal>(&framing))
        return bad_request(fault->text);
    if (request.method != "GET" && request.method != "HEAD") {
        return http::Refusal{
            405, "the method " + request.method + " is not allowed here", {{"Allow", "GET, HEAD"}}};
    }
    return std::nullopt;
}

bool wants_websocket(const http::Head& request) {
    return request.has_token("Upgrade", "websocket");
}

std::optional<http::Refusal> check_handshake(const http::Head& request) {
    if (request.method != "GET") {
        return http::Refusal{405, "a WebSocket is asked for with GET", {{"Allow", "GET"}}};
    }
    if (!wants_websocket(request))
        return upgrade_required("Upgrade: websocket is missing: this is a WebSocket");
    if (!request.has_token("Connection", "Upgrade"))
        return upgrade_required("Connection: Upgrade is missing");
    if (request.minor_version < 1)
        return http::Refusal{505, "HTTP/1.0 knows no upgrade: HTTP/1.1 is needed", {}};
    const auto versions = request.values("Sec-WebSocket-Version");
    if (versions.size() > 1) return bad_request("there is more than one Sec-WebSocket-Version");
    if (versions.empty() || versions[0] != "13")
        return upgrade_required("Sec-WebSocket-Version: 13 is needed");
    const auto keys = request.values("Sec-WebSocket-Key");
    if (keys.empty()) return bad_request("there is no Sec-WebSocket-Key");
    if (keys.size() > 1) return bad_request("there is more than one Sec-WebSocket-Key");
    if (const auto fault = check_key(keys[0]))
        return bad_request("Sec-WebSocket-Key: " + fault->text);
    // What followed the head would be taken for frames.
    const auto lengths = request.values("Content-Length");
    if (!request.values("Transfer-Encoding").empty() ||
        std::ranges::any_of(lengths, [](std::string_view length) { return length != "0"; }))
        return bad_request("a request for a WebSocket has no body");
    return std::nullopt;
}

std::string handshake_response(const http::Head& request, std::string_view guid) {
    return "HTTP/1.1 101 Switching Protocols\r\n"
           "Upgrade: websocket\r\n"
           "Connection: Upgrade\r\n"
           "Sec-WebSocket-Accept: " +
           accept_value(request.values("Sec-WebSocket-Key").at(0), guid) + "\r\n\r\n";
}

std::string new_key() {
    std::array<char, kKeyBytes> bytes{};
    lab::check("getentropy", getentropy(bytes.data(), bytes.size()));
    return base64({bytes.data(), bytes.size()});
}

std::string handshake_request(std::string_view host, std::string_view target,
                              std::string_view key) {
    return std::string("GET ").append(target) + " HTTP/1.1\r\nHost: " + std::string(host) +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " +
           std::string(key) + "\r\nSec-WebSocket-Version: 13\r\n\r\n";
}

std::optional<http::Refusal> check_response(const http::Head& response, std::string_view key) {
    if (response.status != 101) {
        return bad_request("the status is " + std::to_string(response.status) + " " +
                           response.reason + ", not 101 Switching Protocols");
    }
    if (!response.has_token("Upgrade", "websocket"))
        return bad_request("there is no Upgrade: websocket");
    if (!response.has_token("Connection", "Upgrade"))
        return bad_request("there is no Connection: Upgrade");
    const auto accepts = response.values("Sec-WebSocket-Accept");
    if (accepts.size() != 1) return bad_request("there is not just one Sec-WebSocket-Accept");
    if (accepts[0] != accept_value(key)) {
        return bad_request("Sec-WebSocket-Accept is " + std::string(accepts[0]) +
                           ", but for our key it is " + accept_value(key));
    }
    if (!response.values("Sec-WebSocket-Extensions").empty())
        return bad_request("it agrees to an extension that we did not ask for");
    if (!response.values("Sec-WebSocket-Protocol").empty())
        return bad_request("it agrees to a subprotocol that we did not ask for");
    return std::nullopt;
}

}  // namespace websocket
