// The server's side of one connection, from the first byte of the request to the last frame. It
// knows no sockets: bytes that arrived go in, bytes to be sent come out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "04_handshake/frame_fields.hpp"
#include "04_handshake/handshake.hpp"
#include "04_handshake/message.hpp"
#include "common/log.hpp"

namespace websocket {

/// Answers one client: the handshake, then an echo for each message, pongs for pings, and the close
/// that ends it. Or, to a plain GET, the page.
class Session {
 public:
    enum class State {
        handshake,  // the request has not come to its end
        open,       // frames go both ways
        closing,    // we have sent a close frame, and wait for the client's
        finished,   // outgoing() is the last that we send, and nothing more is read as data
    };

    /// With the client at `peer`. `max_message`: see MessageParser. `frames`, which must outlive
    /// it, remembers the frames of connections of the page. `guid` is what the key is hashed with.
    Session(std::string peer, std::size_t max_message, lab::Trace trace, FrameLog& frames,
            std::string guid = std::string(kGuid));

    /// Takes what has arrived.
    void receive(std::string_view bytes);

    /// Answers with 408 if the handshake is still not over.
    void time_out();
    /// Answers with 503: the server has no room. To be called before anything was received.
    void refuse_for_room();
    /// Takes leave, since the server ends: close code 1001.
    void go_away();

    [[nodiscard]] State state() const { return state_; }
    /// The client's "address:port".
    [[nodiscard]] const std::string& peer() const { return peer_; }

    /// The bytes that are to be sent.
    [[nodiscard]] std::string_view outgoing() const {
        return std::string_view(outgoing_).substr(sent_);
    }
    /// The first `count` bytes of outgoing() have been sent.
    void sent(std::size_t count);

 private:
    void receive_request(std::string_view& bytes);
    void answer_request();
    void refuse(const http::Refusal& refusal);
    void receive_frames(std::string_view bytes);
    void take_frame(MessageParser::Result what);
    void send_frame(Opcode opcode, std::string_view payload);
    void fail(const Failure& failure);
    void take_close();
    void show_frame(bool from_client, const FrameHeader& header, std::string_view payload);

    const std::string peer_;
    const lab::Trace trace_;
    FrameLog& frames_;
    const std::string guid_;
    State state_ = State::handshake;
    http::HeadParser request_{http::HeadParser::Kind::request};
    std::string page_;  // the name of the page that the connection is of, if any
    MessageParser parser_;
    std::string outgoing_;
    std::size_t sent_ = 0;  // how much of outgoing_
};

}  // namespace websocket
