// Tests of the bytes of a TCP connection, put in order.
#include "wire/streams/stream_assembler.hpp"

#include <doctest/doctest.h>

#include <string>

using wire::Segment;
using wire::StreamAssembler;
using wire::StreamPiece;

namespace {

struct Part {
    std::uint32_t sequence;
    std::string_view payload = {};
    std::string_view flags = {};  // "S", "F"
    std::size_t missing = 0;
};

std::string words(const std::vector<StreamPiece>& pieces) {
    std::string text;
    for (const StreamPiece& piece : pieces) {
        const std::string size = std::to_string(piece.size);
        switch (piece.kind) {
            case StreamPiece::Kind::bytes:
                text += piece.bytes;
                break;
            case StreamPiece::Kind::gap:
                text += "[gap " + size + "]";
                break;
            case StreamPiece::Kind::again:
                text += "[again " + size + "]";
                break;
            case StreamPiece::Kind::late:
                text += "[late " + size + "]";
                break;
            case StreamPiece::Kind::end:
                text += "[end]";
                break;
        }
    }
    return text;
}

std::string assemble(StreamAssembler& assembler, const std::vector<Part>& parts) {
    std::string text;
    for (const Part& part : parts) {
        Segment segment;
        segment.sequence = part.sequence;
        segment.payload = part.payload;
        segment.missing = part.missing;
        segment.syn = part.flags.find('S') != std::string_view::npos;
        segment.fin = part.flags.find('F') != std::string_view::npos;
        text += words(assembler.take(segment));
    }
    return text + words(assembler.finish());
}

std::string assemble(const std::vector<Part>& parts) {
    StreamAssembler assembler;
    return assemble(assembler, parts);
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("segments come out in the order of their numbers") {
    CHECK(assemble({{99, "", "S"}, {100, "one"}, {103, "two"}, {106, "", "F"}}) == "onetwo[end]");
    CHECK(assemble({{99, "", "S"}, {103, "two"}, {100, "one"}}) == "[late 3]onetwo");
    CHECK(assemble({{99, "", "S"}, {106, "", "F"}, {103, "two"}, {100, "one"}}) ==
          "[late 3]onetwo[end]");
}

TEST_CASE("a stream whose beginning is not in the capture begins with its first segment") {
    CHECK(assemble({{5000, "one"}, {5003, "two"}}) == "onetwo");
}

TEST_CASE("of bytes that come twice the first copy counts, and the second is told") {
    CHECK(assemble({{100, "one"}, {100, "ONE"}, {103, "two"}}) == "one[again 3]two");
    CHECK(assemble({{100, "one"}, {101, "NEtwo"}}) == "one[again 2]two");
    CHECK(assemble({{99, "", "S"}, {103, "two"}, {103, "TWOmore"}, {100, "one"}}) ==
          "[late 3][late 7]onetwomore");
    CHECK(assemble({{100, "one"}, {103, "", "F"}, {103, "", "F"}}) == "one[end]");
}

TEST_CASE("a probe of keep-alive is no retransmission") {
    CHECK(assemble({{100, "one"}, {102, "e"}, {103, "two"}}) == "onetwo");
}

TEST_CASE("sequence numbers wrap at 2^32") {
    CHECK(assemble({{0xFFFFFFFD, "", "S"}, {0xFFFFFFFE, "one"}, {1, "two"}, {4, "", "F"}}) ==
          "onetwo[end]");
    CHECK(assemble({{0xFFFFFFFD, "", "S"}, {1, "two"}, {0xFFFFFFFE, "one"}}) == "[late 3]onetwo");
}

TEST_CASE(
    "bytes that never come are a gap, at the end of the file or when too many wait for them") {
    CHECK(assemble({{100, "one"}, {105, "three"}}) == "one[late 5][gap 2]three");
    StreamAssembler small(8);
    CHECK(assemble(small, {{100, "one"}, {105, "12345"}, {112, "1234"}, {116, "5"}}) ==
          "one[late 5][late 4][gap 2]12345[late 1][gap 2]12345");
}

TEST_CASE("bytes that the capture cut off are a gap") {
    CHECK(assemble({{100, "one", "", 4}, {107, "two"}}) == "one[gap 4]two");
}

TEST_CASE("a segment far outside every window is passed over") {
    CHECK(assemble({{100, "one"}, {0x60000000, "far"}, {103, "two"}}) == "onetwo");
}

TEST_SUITE_END();
