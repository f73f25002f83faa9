// Whatever two programs say to each other, its messages hold all of its bytes, and no field lies
// outside the bytes of its message. Each segment in the input is a byte, whose top bit is the side
// and whose others are the length, and so many bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "wire/dissect/datagrams.hpp"
#include "wire/dissect/stream.hpp"

namespace {

template <class Kind>
void dissect(std::string_view input) {
    std::uint64_t said = 0;
    std::uint64_t found = 0;
    Kind dissector([&](const wire::Message& message) {
        found += message.size;
        if (message.bytes.size() > wire::Message::kMaxKept) std::abort();
        for (const wire::Field& field : message.fields)
            if (field.begin + field.size > message.bytes.size()) std::abort();
    });
    while (!input.empty()) {
        const auto first = static_cast<std::uint8_t>(input[0]);
        const std::string_view segment = input.substr(1, first & 0x7F);
        input.remove_prefix(1 + segment.size());
        if (segment.empty()) continue;
        said += segment.size();
        dissector.take(first & 0x80 ? wire::Side::server : wire::Side::client, segment, {});
    }
    dissector.finish(wire::Side::client);
    dissector.finish(wire::Side::server);
    // The second half of a line end may be left.
    if (found > said || said - found > 1) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    dissect<wire::StreamDissector>(input);
    dissect<wire::DatagramDissector>(input);
    return 0;
}
