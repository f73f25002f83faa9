// The participants, one file for each transport: lines.cpp, websocket.cpp, event_stream.cpp,
// polling.cpp and datagrams.cpp. take_seat() chooses among them.
#pragma once

#include <memory>

#include "compare/transport.hpp"

namespace compare {

/// Lines over TCP: 02_threaded_chat, and the echo of 01_tcp_echo.
std::unique_ptr<Participant> join_lines(const Transport& transport, const Seat& seat);
/// WebSocket, with the codec of 04_handshake: 05_ws_chat, and the echo of 04_handshake.
std::unique_ptr<Participant> join_websocket(const Transport& transport, const Seat& seat);
/// Server-Sent Events, and POST to say something: 06_sse.
std::unique_ptr<Participant> join_event_stream(const Seat& seat);
/// Long polling, or polling at an interval, and POST to say something: 07_longpoll.
std::unique_ptr<Participant> join_by_polling(const Transport& transport, const Seat& seat);
/// Datagrams that come back: 03_udp.
std::unique_ptr<Participant> join_by_datagrams(const Seat& seat);

}  // namespace compare
