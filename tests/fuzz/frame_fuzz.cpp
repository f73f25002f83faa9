// A header that is decoded, however it is cut, is encoded to the same bytes; the fields shown of a
// frame are its bytes; masking twice, in pieces, changes nothing. The first byte of the input is
// the role of who sends, the second where it is cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "04_handshake/frame.hpp"
#include "04_handshake/frame_fields.hpp"
#include "tests/support/pieces.hpp"

using namespace websocket;
using Result = FrameHeaderParser::Result;

namespace {

// The header, encoded; or why there is none.
std::string decode(const std::vector<std::string_view>& pieces, Role sender) {
    FrameHeaderParser parser(sender);
    for (std::string_view piece : pieces) {
        const Result result = parser.parse(piece);
        if (result == Result::bad) return "bad: " + parser.error().text;
        if (result == Result::header) return encode(parser.header());
        if (!piece.empty()) std::abort();
    }
    return "more";
}

// `wire` is the payload as it came.
void check_payload(const FrameHeader& header, std::string_view wire, std::size_t cut) {
    std::string payload(wire);
    if (header.masking_key) {
        const std::size_t first = std::min(cut, payload.size());
        mask(payload.data(), first, *header.masking_key);
        mask(payload.data() + first, payload.size() - first, *header.masking_key, first);
    }
    std::string hex;
    for (const FrameField& field : fields_of(header, payload)) hex += " " + field.hex;
    const std::string shown = " " + hexadecimal(encode(header) + std::string(wire.substr(0, 32)));
    if (hex != shown + (wire.size() > 32 ? " …" : "")) std::abort();
    if (header.masking_key) mask(payload.data(), payload.size(), *header.masking_key);
    if (payload != wire) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const Role sender = data[0] % 2 == 0 ? Role::client : Role::server;
    std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    FrameHeaderParser parser(sender);
    for (;;) {
        const std::string_view frame = stream;
        const Result result = parser.parse(stream);
        const std::string bytes(frame.substr(0, frame.size() - stream.size()));
        const std::string_view longest = frame.substr(0, 14);
        const std::string whole = decode({longest}, sender);
        if (whole != decode(lab::test::cut(longest, data[1]), sender) ||
            whole != decode(lab::test::in_pieces(longest, 1), sender))
            std::abort();
        if (result != Result::header) return 0;
        if (whole != bytes || encode(parser.header()) != bytes) std::abort();
        const auto count = static_cast<std::size_t>(
            std::min<std::uint64_t>(parser.header().length, stream.size()));
        check_payload(parser.header(), stream.substr(0, count), data[1]);
        stream.remove_prefix(count);
    }
}
