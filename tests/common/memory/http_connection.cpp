// Unit tests of how little memory a connection holds while nothing happens on it.
#include <doctest/doctest.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>

#include "common/http/connection.hpp"
#include "tests/common/support/served.hpp"

using lab::test::raw_request;
using lab::test::Served;

namespace {

// Bytes that new has given and delete has not taken back. There is one thread.
std::size_t held = 0;

// Before each block stands its size.
constexpr std::size_t kBefore = alignof(std::max_align_t);

}  // namespace

void* operator new(std::size_t size) {
    void* const block = std::malloc(kBefore + size);
    if (block == nullptr) throw std::bad_alloc();
    *static_cast<std::size_t*>(block) = size;
    held += size;
    return static_cast<std::byte*>(block) + kBefore;
}

void operator delete(void* bytes) noexcept {
    if (bytes == nullptr) return;
    void* const block = static_cast<std::byte*>(bytes) - kBefore;
    held -= *static_cast<std::size_t*>(block);
    std::free(block);
}

void operator delete(void* bytes, std::size_t /*size*/) noexcept {
    operator delete(bytes);
}

namespace {

// What an idle connection may hold beside itself.
constexpr std::size_t kLittle = 64;
constexpr std::size_t kMuch = 60'000;

std::string large_request() {
    return raw_request("POST /" + std::string(1000, 'p') + "?a=" + std::string(1000, 'a'),
                       "X: " + std::string(8000, 'x') + "\r\nContent-Length: " +
                           std::to_string(kMuch) + "\r\n\r\n" + std::string(kMuch, 'b'));
}

// Bytes that `peer` holds since there were `before`.
std::size_t held_since(std::size_t before) {
    return held - before;
}

void answer(Served& peer, const http::Response& response) {
    REQUIRE(peer.connection.next_request());
    peer.connection.respond(response);
    peer.connection.sent(peer.unsent().size());
}

}  // namespace

TEST_SUITE_BEGIN("unit");

TEST_CASE("a connection holds little after a large request and a large answer") {
    const std::string request = large_request();
    Served peer;
    const std::size_t before = held;
    peer.connection.receive(request);
    REQUIRE(held_since(before) > kMuch);
    answer(peer, {200, {}, "text/plain", std::string(kMuch, 'c')});
    CHECK(held_since(before) <= kLittle);
    // And so it does if they come, and go, byte by byte.
    for (const char& byte : request) {
        peer.connection.receive({&byte, 1});
        if (&byte != &request.back()) REQUIRE_FALSE(peer.connection.next_request());
    }
    answer(peer, {200, {}, "text/plain", ""});
    CHECK(held_since(before) <= kLittle);
}

TEST_CASE("a connection that owes an answer holds little of the request") {
    const std::string request = large_request();
    Served peer;
    const std::size_t before = held;
    peer.connection.receive(request);
    REQUIRE(peer.connection.next_request());
    CHECK(held_since(before) <= kLittle);
}

TEST_CASE("a connection that is going to end holds nothing of what it does not read") {
    const std::string unread(kMuch, 'x');
    const std::string last = raw_request("GET /", "Connection: close\r\n\r\n");
    for (const std::string& bytes : {last + unread, "GET\r\n" + unread}) {
        Served peer;
        const std::size_t before = held;
        peer.connection.receive(bytes);
        if (peer.connection.next_request()) peer.connection.respond({204, {}, "", ""});
        peer.connection.sent(peer.unsent().size());
        REQUIRE(peer.connection.state() == http::Connection::State::finished);
        peer.connection.receive(unread);
        CHECK(held_since(before) <= kLittle);
    }
}

TEST_CASE("a connection that streams holds nothing of what it does not read") {
    class Nothing : public http::Stream {
     public:
        [[nodiscard]] std::string_view outgoing() const override { return {}; }
        void sent(std::size_t /*count*/) override {}
        [[nodiscard]] bool ended() const override { return false; }
    };
    const std::string bytes = raw_request("GET /events") + std::string(kMuch, 'x');
    Served peer;
    const std::size_t before = held;
    peer.connection.receive(bytes);
    REQUIRE(peer.connection.next_request());
    peer.connection.respond({}, std::make_unique<Nothing>());
    peer.connection.sent(peer.unsent().size());
    peer.connection.receive(bytes);
    CHECK(held_since(before) <= kLittle);
}

TEST_CASE("a connection that is cut off holds nothing of what it does not say") {
    Served peer;
    const std::size_t before = held;
    peer.connection.receive(raw_request("GET /") + std::string(kMuch, 'x'));
    REQUIRE(peer.connection.next_request());
    peer.connection.respond({200, {}, "text/plain", std::string(kMuch, 'c')});
    peer.connection.abort("it is a test");
    CHECK(held_since(before) <= kLittle);
}

TEST_SUITE_END();
