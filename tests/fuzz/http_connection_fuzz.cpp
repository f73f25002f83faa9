// The requests that come out of a connection, and what it sends, do not depend on how the bytes are
// cut, or on how late each request is answered; no request is larger than the limits; and what is
// sent is well-formed, one response for each request and one for a refusal. The first byte of the
// input is the limit of the body, the second where the rest is cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/http/connection.hpp"
#include "tests/common/support/served.hpp"
#include "tests/support/pieces.hpp"

using http::Connection;
using lab::test::Outcome;
using lab::test::Served;
using State = Connection::State;

namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// A stream that has an end.
class Text : public http::Stream {
 public:
    explicit Text(std::string text) : text_(std::move(text)) {}
    [[nodiscard]] std::string_view outgoing() const override { return text_; }
    void sent(std::size_t count) override { text_.erase(0, count); }
    [[nodiscard]] bool ended() const override { return true; }

 private:
    std::string text_;
};

// One response: a head, and a body of the length that it says, or none, as HEAD wants it.
void check_response(std::string_view bytes) {
    http::HeadParser parser(http::HeadParser::Kind::response);
    if (parser.parse(bytes) != http::HeadParser::Result::head) std::abort();
    const auto lengths = parser.head().values("Content-Length");
    if (lengths.empty() && !parser.head().has_token("Connection", "close")) std::abort();
    if (!lengths.empty() && !bytes.empty() && lengths[0] != std::to_string(bytes.size()))
        std::abort();
}

void check_request(const http::Request& request, const Connection::Limits& limits) {
    if (request.body.size() > limits.body) std::abort();
    if (request.head.target.size() > limits.head.target) std::abort();
    const std::string& path = request.target.path;
    if (!path.starts_with('/') && !(path == "*" && request.head.method == "OPTIONS")) std::abort();
    if (!http::parse_authority(request.target.authority)) std::abort();
}

// By the beginning of its path a request is answered in one of the three ways.
void answer(Connection& connection, const http::Request& request) {
    const std::string path = http::percent_encode(request.target.path.substr(1));
    const http::Response response{200, {}, "text/plain", path};
    if (path.starts_with('s')) {
        connection.respond(
            {{200, {}, "text/plain", ""}, std::make_shared<const std::string>(path)});
    } else if (path.starts_with('e')) {
        connection.respond({200, {}, "text/plain", ""}, std::make_unique<Text>(path));
    } else {
        connection.respond(response);
    }
}

// Takes what is to be sent: at most one response, perhaps behind an interim one.
std::string take(Served& peer) {
    if (peer.connection.has_outgoing() && !peer.announced()) std::abort();
    std::string bytes = peer.take();
    if (bytes.starts_with(kContinue)) bytes.erase(0, kContinue.size());
    if (!bytes.empty()) check_response(bytes);
    return bytes;
}

void handle(Served& peer, Outcome& outcome, const Connection::Limits& limits) {
    while (const auto request = peer.connection.next_request()) {
        if (peer.connection.state() != State::owing) std::abort();
        outcome.sent += take(peer);
        check_request(*request, limits);
        outcome.requests += lab::test::shown(*request);
        answer(peer.connection, *request);
        outcome.sent += take(peer);
    }
    outcome.sent += take(peer);
}

// Answers at once; or, if `late`, when all has arrived.
Outcome serve(const std::vector<std::string_view>& pieces, Connection::Limits limits, bool late) {
    Served peer("", limits);
    Outcome outcome;
    for (const std::string_view piece : pieces) {
        peer.connection.receive(piece);
        if (!late) handle(peer, outcome, limits);
    }
    if (late) handle(peer, outcome, limits);
    if (peer.connection.state() == State::owing || peer.connection.state() == State::streaming)
        std::abort();
    peer.connection.time_out();
    outcome.sent += take(peer);
    const bool over = peer.connection.state() == State::finished;
    peer.connection.receive("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    if (!over || peer.connection.next_request()) std::abort();
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Connection::Limits limits{.head = {.target = 32, .head = 256, .lone_lf = false},
                                    .body = data[0]};
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    const Outcome whole = serve({stream}, limits, false);
    for (const bool late : {false, true}) {
        if (serve(lab::test::cut(stream, data[1]), limits, late) != whole ||
            serve(lab::test::in_pieces(stream, 1), limits, late) != whole)
            std::abort();
    }
    return 0;
}
