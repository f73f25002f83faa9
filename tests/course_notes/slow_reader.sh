# Somebody joins the chat on port $1 and never reads. Then 20 MB are said. How much does one who
# listens hear, within five seconds?
set -m
sleep 60 | nc 127.0.0.1 "$1" >/dev/null &
sleep 0.5
kill -STOP %1
sleep 8 | timeout 8 nc 127.0.0.1 "$1" | wc -c | sed 's/$/ bytes were heard/' &
sleep 0.5
for _ in $(seq 1000); do
    head -c 19999 /dev/zero | tr '\0' x
    echo
done | timeout 5 nc -N 127.0.0.1 "$1" >/dev/null
wait %2
kill -KILL %1
