// The contract of 04_handshake explain: from the key to the accept value, step by step.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/commands.hpp"
#include "tests/support/program.hpp"
#include "tests/support/promises.hpp"
#include "tests/support/variant.hpp"

using namespace lab::test;

namespace {

const std::string kStep = "04_handshake";

// The SHA-1 of the first keys of kKeys and the GUID.
const std::array<std::string, 3> kSha1{"b37a4f2cc0624f1690f64606cf385945b2bec4ea",
                                       "98d50bcbd812cc19102a2ff34a5ce0c1ec6ddcff",
                                       "af6a470318b2968e9dab1cfd18d987d3783084e5"};

// What explain prints for this key.
std::string explain(std::string_view key) {
    Program program({path_of(kStep), "explain", std::string(key)});
    program.expect_exit(0, "the key is in order");
    return program.output();
}

std::string hex(const std::array<unsigned char, 20>& digest) {
    std::string text;
    for (const unsigned char byte : digest) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15];
    }
    return text;
}

// Without spaces and in lower case, for numbers in hex.
std::string bare(std::string text) {
    std::erase_if(text, [](unsigned char byte) { return std::isspace(byte) != 0; });
    std::ranges::transform(text, text.begin(), [](unsigned char byte) {
        return static_cast<char>(std::tolower(byte));
    });
    return text;
}

}  // namespace

TEST_SUITE_BEGIN("full");

TEST_CASE("explain shows the key with the GUID and then its SHA-1 in hex and then Base64 of that") {
    for (std::size_t i = 0; i < kSha1.size(); ++i) {
        const Key& key = kKeys.at(i);
        const std::string output = explain(key.key);
        const std::string hashed = std::string(key.key) + guid();
        const std::size_t first = output.find(hashed);
        const std::size_t last = output.find(accept_value(key));
        if (first == std::string::npos)
            fail(hashed, output, with_variant("first the GUID goes to the key's end", "LAB_GUID"));
        const std::string sha1 =
            has_another_guid() ? hex(digest_of(std::string(key.key))) : kSha1.at(i);
        if (bare(output).find(sha1) == std::string::npos)
            fail(sha1, output, "then SHA-1 of that: 20 bytes, in hex");
        if (last == std::string::npos)
            fail(accept_value(key), output, "then Base64 of the 20 bytes, not of their hex");
        if (first > last) fail("the steps in their order", output, "GUID, SHA-1, Base64");
    }
}

TEST_CASE("explain computes the accept value of any key") {
    for (const Key& key : kKeys) {
        const std::string output = explain(key.key);
        if (output.find(accept_value(key)) == std::string::npos)
            fail(accept_value(key), output,
                 with_variant("Base64 of SHA-1 of key and GUID", "LAB_GUID"));
    }
}

TEST_CASE("explain says what is wrong with a key and exits with 1") {
    for (const std::string key :
         {"x", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZT1O",
          "dGhlIHNhbXBsZSBub25jZT1=", "dGhlIHNhbXBsZSBub2!jZQ==", "dGhlIHNhbXBsZSBub2-_ZQ==",
          "dGhlIHNhbXBsZSBub25=====", " dGhlIHNhbXBsZSBub25jZQ=="}) {
        Program program({path_of(kStep), "explain", key});
        program.expect_exit(1, "a bad key is an error: exit 1");
        const std::string errors = program.errors();
        if (!errors.starts_with("04_handshake: ") || std::ranges::count(errors, '\n') != 1)
            fail("04_handshake: what: reason", errors, "one line on stderr");
        if (program.output().find("Accept") != std::string::npos)
            fail("no accept value", program.output(), "what is no key has none");
    }
}

TEST_CASE("explain without a key or with two is bad usage and exits with 2") {
    const std::string key(kKeys[0].key);
    expect_bad_usage(kStep, {{"explain"}, {"explain", key, key}, {"explain", "--key", key}});
}

TEST_SUITE_END();
