# The scene of 07_longpoll in `lab tour`; its words are those of tools/tour.sh.
title 'the chat by long polling: the server holds a request until there is news'
start_server
address=("http://127.0.0.1:$port")
start_client Bob --name Bob
logs server 'GET /messages?after=0&wait=25'
start_client Ада --name Ада --poll 200
logs server 'GET /messages?after=0&wait=0&epoch'
types Ада 'Привіт, Бобе!'
sees Bob 'Ада: Привіт, Бобе!'
types Bob 'Hello, Ада 👋'
sees Ада 'Bob: Hello, Ада 👋'
leaves Ада
leaves Bob
stop_server
show Bob
show server
expect Ада 'Ада: Привіт, Бобе!
Bob: Hello, Ада 👋'
expect Bob 'Ада: Привіт, Бобе!
Bob: Hello, Ада 👋'
notice "Bob's request for news waits at the server, on one connection for the whole chat; Ада asks five times a second, and mostly for nothing. For the page: ./lab run 07 server, and http://127.0.0.1:8007/"
