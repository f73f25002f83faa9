// However a capture file is cut into pieces, the same messages come out of it, and no field of one
// lies outside its bytes; all of them can be shown. The first byte of the input is the size of the
// pieces.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/support/pieces.hpp"
#include "wire/capture_file/capture_parser.hpp"
#include "wire/report/html.hpp"
#include "wire/report/svg.hpp"
#include "wire/report/words.hpp"
#include "wire/streams/reader.hpp"

namespace {

std::string read(std::string_view file, std::size_t size) {
    using Result = wire::CaptureParser::Result;
    std::string text;
    wire::Recording recording(50);
    wire::Reader reader(
        {},
        [&](const wire::Connection& connection) {
            text += wire::words_of(connection.client);
            recording.add(connection);
        },
        [&](const wire::Message& message) {
            text += wire::line_of(message, {}) + "\n";
            if (message.bytes.size() > wire::Message::kMaxKept) std::abort();
            for (const wire::Field& field : message.fields)
                if (field.begin + field.size > message.bytes.size()) std::abort();
            recording.add(message);
        });
    wire::CaptureParser parser(4096);
    Result result = Result::need_more;
    for (std::string_view piece : lab::test::in_pieces(file, size)) {
        while ((result = parser.parse(piece)) == Result::packet) reader.take(parser.packet());
        if (result == Result::bad) break;
    }
    if (result != Result::bad) result = parser.finish();
    reader.finish();
    recording.finish();
    // The reports take the longest, and know nothing of pieces.
    if (size == file.size() && wire::svg(recording, "", {}).empty()) std::abort();
    if (size == file.size() && wire::html(recording, "", {}).empty()) std::abort();
    return result == Result::bad ? text + parser.error() : text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t piece = std::max<std::size_t>(1, data[0]);
    const std::string_view file(reinterpret_cast<const char*>(data) + 1, size - 1);
    if (read(file, file.size()) != read(file, piece)) std::abort();
    return 0;
}
