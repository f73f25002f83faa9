// A request is refused with a response that can be parsed, or else answered so that its client is
// content; and no client is content without the right accept value. The input is a request, which
// is also taken for a response and for a key.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "04_handshake/handshake.hpp"
#include "common/http/response.hpp"

using namespace websocket;

namespace {

std::optional<http::Head> parse(std::string_view bytes, http::HeadParser::Kind kind) {
    http::HeadParser parser(kind);
    if (parser.parse(bytes) != http::HeadParser::Result::head) return std::nullopt;
    return parser.head();
}

void check_answer_to(const http::Head& request) {
    http::Target target;
    auto fault = http::parse_target(request, target);
    if (!fault) fault = check_request(request);
    if (!fault) fault = check_handshake(request);
    const std::string answer =
        fault ? http::to_bytes(http::refusal_response(*fault), http::Persistence::close)
              : handshake_response(request);
    const auto response = parse(answer, http::HeadParser::Kind::response);
    if (!response || response->status != (fault ? fault->status : 101)) std::abort();
    if (fault) return;
    const std::string key(request.values("Sec-WebSocket-Key")[0]);
    if (!wants_websocket(request) || check_key(key)) std::abort();
    if (check_response(*response, key)) std::abort();
}

void try_key(std::string_view key) {
    if (check_key(key)) return;
    const std::string bytes = decode_key(key);
    const std::string again = base64(bytes);
    // The last letter before "==" holds four bits that mean nothing.
    if (bytes.size() != 16 || again.substr(0, 21) != key.substr(0, 21)) std::abort();
    if (check_key(again) || decode_key(again) != bytes) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try_key(bytes);
    if (const auto request = parse(bytes, http::HeadParser::Kind::request))
        check_answer_to(*request);
    const std::string key = "dGhlIHNhbXBsZSBub25jZQ==";
    const auto response = parse(bytes, http::HeadParser::Kind::response);
    if (response && !check_response(*response, key) &&
        bytes.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") == std::string_view::npos)
        std::abort();
    return 0;
}
