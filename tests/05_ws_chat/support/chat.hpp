// Helpers for the tests of a chat over WebSocket: members who are known to be in the room.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tests/04_handshake/support/websocket_peer.hpp"
#include "tests/support/report.hpp"
#include "tests/support/server.hpp"

namespace lab::test {

/// `count` members of the chat at /ws, each of which has heard itself say a line, and all of which
/// have heard the last one's: so all are in the room, and nothing is under way.
std::vector<WebSocket> enter(const Server& server, std::size_t count, Place place = Place::here());

/// `members[speaker]`, who has no name, says `text`: all members hear it.
void expect_heard(std::vector<WebSocket>& members, std::size_t speaker, const std::string& text,
                  const std::string& hint, Place place = Place::here());

/// A new member hears itself.
void expect_chat(const Server& server, const std::string& hint, Place place = Place::here());

/// The next message to `member` is `text`; pings that come before are answered.
void expect_among_pings(WebSocket& member, const std::string& text, const std::string& hint,
                        Place place = Place::here());

/// The next frame is a close with `code`, and a reason if it is 1008 or 1009. We answer it, as
/// RFC 6455 wants it, and the server ends the connection.
void expect_sent_away(WebSocket& member, int code, const std::string& hint,
                      Place place = Place::here());

/// A request for a WebSocket to `server`, by its own address; `fields` are more header lines.
std::string chat_request(const Server& server, std::string_view target = "/ws",
                         std::string_view fields = "");

/// `request` must open a WebSocket.
WebSocket expect_admitted(const Server& server, std::string_view request, const std::string& hint,
                          Place place = Place::here());

}  // namespace lab::test
