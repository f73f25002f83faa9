# The scene of 04_handshake in `lab tour`; its words are those of tools/tour.sh.
title 'HTTP becomes WebSocket, and text travels in frames'
start_server
address=("ws://127.0.0.1:$port/chat")
start_client client
logs server 'opened /chat'
types client 'hello'
sees client 'hello'
types client 'Привіт 👋'
sees client 'Привіт 👋'
leaves client
logs server 'closed: 1000'
stop_server
show client
expect client 'hello
Привіт 👋'
notice "the client's frames are masked, each with a key of its own; the server's are not: 68 65 6c 6c 6f is hello."
