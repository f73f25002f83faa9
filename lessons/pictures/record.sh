#!/usr/bin/env bash
# Makes new recordings in this folder: the lab's programs speak over loopback, and tcpdump listens,
# which takes root. The lessons draw their pictures from the captures.
#
#     lessons/pictures/record.sh [NAME...]    # after ./lab build
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export no_proxy='*'
work=$(mktemp -d)
started=()
trap 'kill "${started[@]}" 2>/dev/null; rm -rf "$work"' EXIT

# has FILE TEXT: waits until the text is in the file, at most 10 s.
has() {
    local i
    for ((i = 0; i < 100; ++i)); do
        ! grep -qs -- "$2" "$1" || return 0
        sleep 0.1
    done
    echo "record.sh: '$2' did not come" >&2
    return 1
}

# listen NAME PORT: begins the capture NAME.pcap.
listen() {
    tcpdump -i lo -U --immediate-mode -Z root -w "lessons/pictures/$1.pcap" port "$2" 2>"$work/tcpdump" &
    listener=$!
    started+=("$listener")
    has "$work/tcpdump" 'listening on'
}

# A moment for what is still on its way.
heard() {
    sleep 0.5
    kill "$listener"
    wait "$listener" || true
}

# serve STEP PORT [OPTION...]
serve() {
    build/bin/"$1" server --port "$2" "${@:3}" >"$work/server" 2>"$work/server.log" &
    started+=($!)
    has "$work/server" listening
}

tcp_connection() {
    serve 01_tcp_echo 12901
    listen 01_tcp_connection 12901
    echo hello | build/bin/01_tcp_echo client --port 12901
    heard
}

# Bob's line is sent in two halves.
threaded_chat() {
    serve 02_threaded_chat 12902
    listen 02_chat 12902
    exec 5<>/dev/tcp/127.0.0.1/12902 6<>/dev/tcp/127.0.0.1/12902
    sleep 0.2
    printf 'Ада: Привіт\n' >&5
    sleep 0.2
    printf 'Bob: Hel' >&6
    sleep 0.2
    printf 'lo\n' >&6
    # One who closes with unread bytes would send a reset.
    read -r -u 5
    read -r -u 6
    exec 5>&- 6>&-
    heard
}

# On this network four of ten datagrams are lost.
reliable() {
    serve 03_udp 12903 --loss 0.4 --seed 1
    listen 03_reliable 12903
    printf 'one\ntwo\nthree\n' | build/bin/03_udp client --port 12903 --reliable --timeout 200
    heard
}

websocket() {
    serve 04_handshake 12904
    listen 04_websocket 12904
    (echo hello && sleep 0.3 && echo Привіт && sleep 0.3) |
        build/bin/04_handshake client ws://127.0.0.1:12904/chat
    heard
}

ws_chat() {
    serve 05_ws_chat 12905
    listen 05_chat 12905
    (sleep 0.6 && echo 'Hello, Ада' && sleep 0.6) |
        build/bin/05_ws_chat client ws://127.0.0.1:12905/ws --name Bob &
    sleep 0.3
    (sleep 0.6 && echo 'Привіт, Bob' && sleep 0.6) |
        build/bin/05_ws_chat client ws://127.0.0.1:12905/ws --name Ада
    wait %%
    heard
}

# publish TEXT: in 06.
publish() {
    curl -sS -H 'Content-Type: text/plain' --data-binary "$1" http://127.0.0.1:12906/publish
}

# The reader's stream breaks off, and an event is published meanwhile.
resumed() {
    serve 06_sse 12906
    listen 06_resumed 12906
    sleep 20 | build/bin/06_sse client http://127.0.0.1:12906 --trace >"$work/reader" 2>&1 &
    reader=$!
    has "$work/reader" retry
    publish one
    has "$work/reader" one
    kill -KILL "$reader"
    publish two
    sleep 20 | build/bin/06_sse client http://127.0.0.1:12906 --last-event-id 1 >"$work/reader" 2>&1 &
    started+=($!)
    has "$work/reader" two
    publish three
    has "$work/reader" three
    heard
}

# read_two NAME STEP PORT URL [OPTION...]: a reader, to whom a writer says one and, a second later, two.
read_two() {
    local name=$1 step=$2 port=$3 url=$4
    serve "$step" "$port"
    listen "$name" "$port"
    sleep 20 | build/bin/"$step" client "$url" "${@:5}" --name Reader >"$work/reader" 2>&1 &
    started+=($!)
    sleep 0.8
    (echo one && sleep 1 && echo two && sleep 0.2) |
        build/bin/"$step" client "$url" --name Bob >/dev/null 2>&1
    has "$work/reader" two
    heard
}

polling() { read_two pull_polling 07_longpoll 12907 http://127.0.0.1:12907 --poll 400; }
long_polling() { read_two pull_long_polling 07_longpoll 12908 http://127.0.0.1:12908; }
sse() { read_two push_sse 06_sse 12909 http://127.0.0.1:12909; }
push_websocket() { read_two push_websocket 05_ws_chat 12910 ws://127.0.0.1:12910/ws; }

[ $# -gt 0 ] || set -- tcp_connection threaded_chat reliable websocket ws_chat resumed polling long_polling sse push_websocket
for scene in "$@"; do
    echo "$scene" >&2
    "$scene" >/dev/null
done
