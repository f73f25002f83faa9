# The scene of 01_tcp_echo in `lab tour`; its words are those of tools/tour.sh.
title 'a client sends lines, the server sends every byte back'
start_server
start_client client
types client 'hello'
sees client 'hello'
types client 'Привіт, світе!'
sees client 'Привіт, світе!'
leaves client
logs server 'left after'
stop_server
show client
show server
expect client 'hello
Привіт, світе!'
notice '14 characters of Ukrainian and a line end are 26 bytes: TCP carries bytes, not letters.'
