#!/usr/bin/env bash
# Somebody joins the chat on port $1 and never reads. Then 20 MB are said, each when the one before
# it has been heard. How much does one who listens hear, until five seconds bring no more?
set -m
scratch=$(mktemp -d)
lines=$(yes "$(head -c 19999 /dev/zero | tr '\0' x)" | head -n 50)

# joins NAME PORT: connects and listens. The client that connected first is let in first.
joins() {
    nc -d -v 127.0.0.1 "$2" >"$scratch/$1.heard" 2>"$scratch/$1.log" &
    while kill -0 $! && ! grep -q succeeded "$scratch/$1.log"; do sleep 0.05; done
}

heard() { wc -c <"$scratch/listener.heard"; }

# Waits until $1 bytes were heard, at most five seconds.
wait_for() {
    local deadline=$((SECONDS + 5))
    while [ "$(heard)" -lt "$1" ]; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.02
    done
}

joins slow "$1"
kill -STOP %1
joins listener "$1"
mkfifo "$scratch/talker"
nc -N 127.0.0.1 "$1" <"$scratch/talker" >"$scratch/talker.heard" &
exec 5>"$scratch/talker"
for said in $(seq 1000000 1000000 20000000); do
    echo "$lines" >&5 &
    wait_for "$said" || break
done
exec 5>&-
[ "$(heard)" -lt 20000000 ] || wait %3
heard | sed 's/$/ bytes were heard/'
for job in $(jobs -p); do kill -KILL "$job"; done
rm -r "$scratch"
