// One end of a WebSocket of the tests' own, which sends the frames that a case wants byte for byte,
// wrong ones too, and checks those that come against RFC 6455.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/support/connection.hpp"
#include "tests/support/http_peer.hpp"
#include "tests/support/listener.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// The opcodes of RFC 6455, section 5.2.
constexpr int kContinuation = 0, kText = 1, kBinary = 2, kClose = 8, kPing = 9, kPong = 10;

/// A Sec-WebSocket-Key and the Sec-WebSocket-Accept that belongs to it.
struct Key {
    std::string_view key, accept;
};

/// The sample of RFC 6455, section 1.3; the sample of the course notes; ten random ones.
constexpr std::array<Key, 12> kKeys{{
    {"dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="},
    {"x3JJHMbDL1EzLkh9YZrd92==", "mNULy9gSzBkQKi/zSlzgwext3P8="},
    {"IjSOCBpFqEPiaSYECo7TVg==", "r2pHAxiylo6dqxz9GNmH03gwhOU="},
    {"cJ+OXXcgjwn6tm9opqngsg==", "a9w6JtzCiMzzNCDJzTsp12DgE9o="},
    {"f8akcvB3Nv6CtmXZKUnIag==", "M6FKrcTxp8GCWilmR+Sak2aUEoE="},
    {"r2KNJ+tHdNO87U5F4IYE6g==", "Uk2h5LL/UDGvFKcVfvKKQD+CQfE="},
    {"ttkzM32teDCqCrJY5GcqFw==", "U5bV76NpJMmIblc2llJQjPtSflk="},
    {"In9o269o1KiNbqPQY1YDKw==", "YyKeABBXgNURlx33e/milZmGaC0="},
    {"d5/iu1zh7PqpbzZzFG/tqA==", "PKRxLdf2fSUhgg3iq8iY662ZKR4="},
    {"vnMvmTgW4PvLXNZh4hGklg==", "IhnkGUHOgQebDbswrSEcq1WIVn4="},
    {"cVuIG6ULOtsKmllFIOf1BA==", "k7q/Bhg4Wo22IWlV8xFRklz1t5o="},
    {"tJqNC8M3rIsaDxEhiGF5ww==", "IbRekIxgt/wlNEeRxR2Vh8B8xl0="},
}};

/// A frame to be sent. As it stands it is right; each member can make it wrong.
struct Frame {
    int opcode = kText;
    std::string payload = {};
    bool fin = true;
    int reserved = 0;                           // RSV1 is 4, RSV2 is 2, RSV3 is 1
    std::optional<bool> masked = std::nullopt;  // by default a client masks and a server does not
    std::array<unsigned char, 4> key{0x37, 0xfa, 0x21, 0x3d};
    int length_bytes = 0;  // 2 or 8: the length stands in so many bytes, although fewer would do
    std::optional<std::uint64_t> announced = std::nullopt;  // a length that the payload has not
};

/// Which end of a WebSocket we are.
enum class End { client, server };

/// The bytes of `frame` on the wire.
std::string bytes_of(const Frame& frame, End sender = End::client);

/// The payload of a close frame: the code, then the reason.
std::string close_payload(int code, std::string_view reason = "");

/// A request for a WebSocket that is in order; `fields` are more header lines, each with CRLF.
std::string websocket_request(std::string_view target = "/", std::string_view key = kKeys[0].key,
                              std::string_view fields = "");

/// The 20 bytes of the SHA-1 of `key` and the GUID.
std::array<unsigned char, 20> digest_of(const std::string& key);

/// The Sec-WebSocket-Accept that belongs to `key`.
std::string accept_value(const std::string& key);

/// The same: as the table has it, or computed if the variant has another GUID than RFC 6455.
std::string accept_value(const Key& key);

/// Checks that `head` opens a WebSocket for `key`, and agrees to nothing that was not asked for.
void expect_open(const HttpHead& head, const Key& key, Place place = Place::here());
/// The same; `request` says of the request why it has to be answered with 101.
void expect_open(const HttpHead& head, const Key& key, const std::string& request,
                 Place place = Place::here());

/// One open WebSocket. Each member waits at most kDeadline and fails the case after that. One
/// thread at a time.
class WebSocket {
 public:
    /// The bytes that have arrived.
    struct Arrived {
        bool fin = true;
        int opcode = kText;
        bool masked = false;
        std::string payload;
    };

    /// Connects to `server` and opens a WebSocket for `target`. `receive_buffer`: see Connection.
    explicit WebSocket(const Server& server, std::string_view target = "/", int receive_buffer = 0,
                       Place place = Place::here());
    /// Takes over a connection on which the handshake is over; `end` is ours.
    WebSocket(Connection connection, End end);

    [[nodiscard]] Connection& connection() { return connection_; }

    /// Sends a frame; keeps what arrives meanwhile. If the connection has ended, whoever receives
    /// next is told.
    void send(const Frame& frame, Place place = Place::here());
    /// The same for bytes.
    void send_bytes(std::string_view bytes, Place place = Place::here());
    /// Sends pieces of `size` bytes with a pause after each, so that the other side mostly gets
    /// them one by one.
    void send_in_pieces(std::string_view bytes, std::size_t size,
                        std::chrono::milliseconds pause = std::chrono::milliseconds(1),
                        Place place = Place::here());

    /// Receives a frame. It must be one that this end may be sent: unreserved, masked by a client
    /// only, its length in the shortest form, a control frame short and whole.
    Arrived receive(const std::string& hint, Place place = Place::here());
    /// Receives a message, in one frame or in fragments. It must be this one.
    void expect(int opcode, std::string_view payload, const std::string& hint,
                Place place = Place::here());
    /// Sends a message in one frame, which must come back.
    void expect_echo(int opcode, const std::string& payload, const std::string& hint,
                     Place place = Place::here());
    /// The next frame is a close with `code`, 0 for one without a payload; then the server ends the
    /// connection, without waiting for us.
    void expect_close(int code, const std::string& hint, Place place = Place::here());

 private:
    Arrived receive(const std::string& wanted, const std::string& hint, Place place);

    Connection connection_;
    End end_;
};

/// Waits for the next client, receives its request, and opens the WebSocket as a server does; puts
/// the request into `request` if there is one.
WebSocket accept_websocket(Listener& listener, HttpHead* request = nullptr,
                           Place place = Place::here());

/// A new client sends `bytes`, and is answered with a close frame with `code` and the end of the
/// connection. Clients from before and after that must still be served.
void expect_failure(const Server& server, std::string_view bytes, int code, const std::string& hint,
                    Place place = Place::here());

/// A new client gets its echo.
void expect_served(const Server& server, const std::string& hint, Place place = Place::here());

}  // namespace lab::test
