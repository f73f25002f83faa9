#include "tests/05_ws_chat/support/chat.hpp"

#include "common/visible.hpp"

namespace lab::test {
namespace {

// A member that came later may have said lines before.
void receive_until(WebSocket& member, const std::string& line, Place place) {
    const std::string hint = "everyone in the room hears each message, the sender too";
    while (member.receive(hint, place).payload != line) {
    }
}

}  // namespace

std::vector<WebSocket> enter(const Server& server, std::size_t count, Place place) {
    std::vector<WebSocket> members;
    std::string line;
    for (std::size_t i = 0; i < count; ++i) {
        line = "member " + std::to_string(i) + " is here";
        WebSocket newcomer(server, "/ws", 0, place);
        newcomer.send({.payload = line}, place);
        receive_until(newcomer, "User: " + line, place);
        members.push_back(std::move(newcomer));
    }
    for (std::size_t i = 0; i + 1 < members.size(); ++i)
        receive_until(members[i], "User: " + line, place);
    return members;
}

void expect_heard(std::vector<WebSocket>& members, std::size_t speaker, const std::string& text,
                  const std::string& hint, Place place) {
    members[speaker].send({.payload = text}, place);
    for (WebSocket& member : members) member.expect(kText, "User: " + text, hint, place);
}

void expect_chat(const Server& server, const std::string& hint, Place place) {
    WebSocket member(server, "/ws", 0, place);
    member.send({.payload = "still there?"}, place);
    member.expect(kText, "User: still there?", hint, place);
}

void expect_among_pings(WebSocket& member, const std::string& text, const std::string& hint,
                        Place place) {
    std::string message;
    for (bool whole = false; !whole;) {
        const WebSocket::Arrived frame = member.receive(hint, place);
        if (frame.opcode == kPing) {
            member.send({.opcode = kPong, .payload = frame.payload}, place);
            continue;
        }
        if (frame.opcode != kText && frame.opcode != kContinuation)
            fail("a text message", lab::visible(frame.payload), hint, place);
        message += frame.payload;
        whole = frame.fin;
    }
    expect_bytes(text, message, hint, place);
}

void expect_sent_away(WebSocket& member, int code, const std::string& hint, Place place) {
    const WebSocket::Arrived frame = member.receive(hint, place);
    const std::string expected = "a close frame with code " + std::to_string(code);
    if (frame.opcode != kClose || !frame.payload.starts_with(close_payload(code)))
        fail(expected, lab::visible(frame.payload), hint, place);
    if ((code == 1008 || code == 1009) && frame.payload.size() == 2)
        fail(expected + " and a reason", "no reason", "tell the member why it is sent away", place);
    member.send({.opcode = kClose, .payload = frame.payload.substr(0, 2)}, place);
    member.connection().receive_to_end("after the close frames the server ends TCP first", place);
}

std::string chat_request(const Server& server, std::string_view target, std::string_view fields) {
    std::string request = websocket_request(target, kKeys[0].key, fields);
    const std::string host = "Host: localhost";
    const std::string shown =
        server.host().find(':') == std::string::npos ? server.host() : "[" + server.host() + "]";
    return request.replace(request.find(host), host.size(), "Host: " + shown + ":" + server.port());
}

WebSocket expect_admitted(const Server& server, std::string_view request, const std::string& hint,
                          Place place) {
    Connection client(server);
    client.send(request, place);
    const HttpHead head = receive_head(client, hint, place);
    if (head.status() != 101) fail("101", lab::visible(head.first_line), hint, place);
    expect_open(head, kKeys[0], place);
    return {std::move(client), End::client};
}

}  // namespace lab::test
