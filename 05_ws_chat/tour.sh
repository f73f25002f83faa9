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

# The same chat at two servers: a broker is between them.
rm -f "$scratch"/*
start_broker || return 0
title 'two servers, one room: the broker numbers what is said, and both show the same'
start_server --broker "$room"
first=$server
address=("ws://127.0.0.1:$port/ws")
start_client Bob --name Bob
logs server 'joined as Bob'
# The second server writes to files of its own.
mv "$scratch/server.screen" "$scratch/first.screen"
mv "$scratch/server.trace" "$scratch/first.trace"
start_server --broker "$room"
address=("ws://127.0.0.1:$port/ws")
start_client Ада --name Ада
logs server 'joined as Ада'
types Ада 'Привіт, Бобе!'
sees Bob 'Ада: Привіт, Бобе!'
types Bob 'Hello from afar'
sees Ада 'Bob: Hello from afar'
types Ада 'Я теж тут 👋'
sees Bob 'Ада: Я теж тут 👋'
leaves Ада
leaves Bob
stop_server
server=$first
stop_server
kill "$broker"
said='Ада: Привіт, Бобе!
Bob: Hello from afar
Ада: Я теж тут 👋'
expect Ада "$said"
expect Bob "$said"
show Ада
show Bob
notice 'Ада and Bob are at different servers, and see one order: a message is shown when the broker has numbered it' architectures
