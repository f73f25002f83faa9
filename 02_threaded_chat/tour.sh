# The scene of 02_threaded_chat in `lab tour`; its words are those of tools/tour.sh.
title 'what one client says goes to all the others'
start_server
start_client Bob --name Bob
logs server 'joined'
start_client Ада --name Ада
types Ада 'Привіт, Бобе!'
sees Bob 'Ада: Привіт, Бобе!'
types Bob 'Hello, Ада.'
sees Ада 'Bob: Hello, Ада.'
leaves Ада
leaves Bob
stop_server
show Ада
show Bob
show server
expect Ада 'Bob: Hello, Ада.'
expect Bob 'Ада: Привіт, Бобе!'
notice 'nobody gets an own line back, and names mean nothing to the server: they are part of the line.'
