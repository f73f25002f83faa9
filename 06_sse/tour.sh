# The scene of 06_sse in `lab tour`; its words are those of tools/tour.sh.
title 'events over HTTP: one response that never ends, and what was missed comes again'
start_server
address=("http://127.0.0.1:$port")
start_client Bob --name Bob
logs server 'listens'
start_client Ада --name Ада
logs Ада 'retry: 2000'
types Ада 'Привіт, Бобе!'
sees Bob 'Ада: Привіт, Бобе!'
types Bob 'Hello, Ада 👋'
sees Ада 'Bob: Hello, Ада 👋'
leaves Ада
start_client Eve --name Eve --last-event-id 1
sees Eve 'Bob: Hello, Ада 👋'
leaves Eve
leaves Bob
stop_server
show Ада
show server
expect Ада 'Ада: Привіт, Бобе!
Bob: Hello, Ада 👋'
expect Bob 'Ада: Привіт, Бобе!
Bob: Hello, Ада 👋'
expect Eve 'Bob: Hello, Ада 👋'
notice 'who says Last-Event-ID: 1 gets all that came after event 1, as a browser does by itself when it comes back. For the page: ./lab run 06 server, and http://127.0.0.1:8006/'
