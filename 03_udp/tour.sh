# The scene of 03_udp in `lab tour`; its words are those of tools/tour.sh.
title 'datagrams through a bad network: what is lost is lost, unless somebody sends it again'
# With this seed the second datagram is lost, and the sixth: a line of each client.
start_server --loss 0.3 --duplicate 0.2 --reorder 0.3 --seed 6
start_client plain --timeout 300
types plain 'one'
types plain 'two'
types plain 'three'
sees plain 'three'
leaves plain
start_client reliable --reliable
types reliable 'one'
types reliable 'two'
types reliable 'three'
sees reliable 'three'
leaves reliable
runs probe probe --count 10 --interval 20 --timeout 300
stop_server
show plain
show reliable
show probe
expect plain 'one
three'
logs plain 'no answer to line 2 in 300 ms'
expect reliable 'one
two
three'
sees probe '10 sent'
notice 'the server and its network were the same for both clients; one of them sent again what was lost.'
