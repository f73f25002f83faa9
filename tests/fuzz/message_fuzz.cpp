// However a stream is cut into pieces, the same messages come out, none longer than it may be, no
// text and no reason of a close that is not UTF-8, and the same failure. The first byte of the
// input is the role of who sends, the second the limit, the third where it is cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "04_handshake/message.hpp"
#include "common/utf8.hpp"
#include "tests/support/pieces.hpp"

using namespace websocket;
using Result = MessageParser::Result;

namespace {

void check(const MessageParser& parser, Result what) {
    const bool text = what == Result::message && parser.is_text();
    if (text && !lab::is_utf8(parser.message())) std::abort();
    if (what != Result::close) return;
    const Close& close = parser.close();
    if (!lab::is_utf8(close.reason) || (close.code && !may_be_sent(*close.code))) std::abort();
}

// All that comes out of `pieces`: kinds, payloads and messages in their order.
std::string events(const std::vector<std::string_view>& pieces, Role sender, std::size_t limit) {
    MessageParser parser(sender, limit);
    std::string all;
    for (std::string_view piece : pieces) {
        Result what{};
        while ((what = parser.parse(piece)) != Result::need_more) {
            check(parser, what);
            all += "\n" + std::to_string(static_cast<int>(what)) + " ";
            if (what == Result::bad)
                return all + std::to_string(parser.error().code) + parser.error().text;
            all += parser.payload();
            if (what == Result::message) all += (parser.is_text() ? " text " : " binary ");
            if (what == Result::message) all += parser.message();
            if (what == Result::close) return all;
        }
        if (!piece.empty() || parser.message().size() > limit) std::abort();
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 3) return 0;
    const Role sender = data[0] % 2 == 0 ? Role::client : Role::server;
    const std::size_t limit = data[1];
    const std::string_view stream(reinterpret_cast<const char*>(data) + 3, size - 3);
    const std::string whole = events({stream}, sender, limit);
    if (whole != events(lab::test::cut(stream, data[2]), sender, limit) ||
        whole != events(lab::test::in_pieces(stream, 1), sender, limit))
        std::abort();
    return 0;
}
