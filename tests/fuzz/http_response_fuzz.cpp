// However a stream is cut into pieces, the same responses come out of it, no content longer than
// its limit, and the same fault or the same end. The first byte of the input is the limit, the
// second where it is cut.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "common/http/message.hpp"
#include "tests/support/pieces.hpp"

using http::MessageParser;
using Result = MessageParser::Result;

namespace {

void append_head(std::string& all, const http::Head& head) {
    if (head.status == 101 || head.status < 200) std::abort();
    all += "\nhead " + std::to_string(head.status) + " " + head.reason;
    for (const http::Field& field : head.fields) all += "\n" + field.name + ": " + field.value;
}

// All that comes out of `pieces` and of the end behind them.
std::string read(const std::vector<std::string_view>& pieces, std::size_t limit) {
    MessageParser parser(MessageParser::Kind::response, limit);
    std::string all, content;
    bool within = false;
    for (std::string_view piece : pieces) {
        Result result{};
        while ((result = parser.parse(piece)) != Result::need_more) {
            if (result == Result::bad) return all + "\nbad " + parser.error().text;
            if (within == (result == Result::head)) std::abort();
            within = result != Result::end;
            if (result == Result::head) append_head(all, parser.head());
            if (!parser.body().starts_with(content) || parser.body().size() > limit) std::abort();
            content = parser.body();
            if (result != Result::end) continue;
            all += "\nend " + content;
            content.clear();
        }
        if (!piece.empty()) std::abort();
    }
    const Result result = parser.finish();
    if (result == Result::bad) return all + "\nbad " + parser.error().text;
    if (result != (within ? Result::end : Result::need_more)) std::abort();
    return all + (within ? "\nended " + content : "\nover");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t limit = data[0];
    const std::string_view stream(reinterpret_cast<const char*>(data) + 2, size - 2);
    const std::string whole = read({stream}, limit);
    if (whole != read(lab::test::cut(stream, data[1]), limit) ||
        whole != read(lab::test::in_pieces(stream, 1), limit))
        std::abort();
    return 0;
}
