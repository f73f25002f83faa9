# The scene of 05_ws_chat in `lab tour`; its words are those of tools/tour.sh.
title 'the chat on WebSocket: what one says goes to all, to itself too'
start_server
address=("ws://127.0.0.1:$port/ws")
start_client Bob --name Bob
logs server 'joined as Bob'
start_client Ада --name Ада
logs server 'joined as Ада'
types Ада 'Привіт, Бобе!'
sees Bob 'Ада: Привіт, Бобе!'
types Bob 'Hello, Ада 👋'
sees Ада 'Bob: Hello, Ада 👋'
leaves Ада
leaves Bob
stop_server
show Ада
show server
expect Ада 'Ада: Привіт, Бобе!
Bob: Hello, Ада 👋'
expect Bob 'Ада: Привіт, Бобе!
Bob: Hello, Ада 👋'
notice 'each message exists once at the server, framed already, however many members it goes to. For the page: ./lab run 05 server, and http://127.0.0.1:8000/'
