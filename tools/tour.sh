# What the steps' tour.sh files are written with: each is a scene that `lab tour` plays live. A
# scene starts real programs, has them say real lines, shows what each side saw beside its trace,
# and checks it. Read by lab; no step teaches it.

bin=build/bin
scratch=$(mktemp -d "$(own_folder)/tour.XXXXXX")
builds=$(mktemp -d "$(own_folder)/tour.XXXXXX")
started=''
builder=''

finish_tour() {
    local process
    for process in $started; do kill "$process" 2>/dev/null || true; done
    if [ -n "$builder" ]; then
        kill -- "-$builder" 2>/dev/null || true
        wait "$builder" 2>/dev/null || true
    fi
    rm -rf "$scratch" "$builds"
}
trap finish_tour EXIT

# Columns are padded by characters, not by bytes.
for locale in "${LC_ALL:-}" C.UTF-8 en_US.UTF-8; do
    case $locale in *UTF-8) export LC_ALL=$locale && break ;; esac
done

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$(printf '\033[1m') dim=$(printf '\033[2m') green=$(printf '\033[32m')
    red=$(printf '\033[31m') plain=$(printf '\033[0m')
else
    bold='' dim='' green='' red='' plain=''
fi

# build_behind PROGRAM...: builds them, one after the other, while the reader reads. In a group of
# processes of its own, so that all of it can be ended at once.
build_behind() {
    set -m
    (
        set +m
        trap - EXIT
        for program in "$@"; do
            (build default "$program") >"$builds/$program.log" 2>&1 || {
                touch "$builds/failed"
                exit 1
            }
            touch "$builds/$program.built"
        done
    ) </dev/null >/dev/null &
    builder=$!
    set +m
}

# await_built PROGRAM: if it could not be built, shows why, and ends the tour.
await_built() {
    [ -e "$builds/$1.built" ] || [ -e "$builds/failed" ] || printf '\n%slab: building %s%s\n' "$dim" "$1" "$plain"
    until [ -e "$builds/$1.built" ]; do
        if [ -e "$builds/failed" ]; then
            cat "$builds/$1.log" >&2
            wrong "$1 could not be built"
        fi
        sleep 0.1
    done
}

# play STEP: plays the step's scene.
play() {
    step=$1
    await_built "$step"
    rm -f "$scratch"/*
    # shellcheck source=/dev/null
    . "$step/tour.sh"
}

# title TEXT
title() { printf '\n%s== %s: %s ==%s\n\n' "$bold" "$step" "$1" "$plain"; }

# wrong TEXT: ends the tour as failed.
wrong() {
    printf '%s✗ %s%s\n' "$red" "$1" "$plain"
    exit 1
}

# await FILE TEXT: until FILE holds TEXT, at most 10 seconds.
await() {
    local tries=0
    until grep -qF -- "$2" "$scratch/$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 500 ] || wrong "$1 should show: $2"
        sleep 0.02
    done
}

# sees WHO TEXT: waits until WHO's screen holds TEXT. logs WHO TEXT: until WHO's trace does.
sees() { await "$1.screen" "$2"; }
logs() { await "$1.trace" "$2"; }

# start_server [OPTION...]: shows the command line, starts the step's server and sets $port, and
# $address: what a client is told of it. A step may set another address.
start_server() {
    set -- server --port 0 --trace "$@"
    printf '  $ %s\n' "$bin/$step $*"
    "$bin/$step" "$@" >"$scratch/server.screen" 2>"$scratch/server.trace" </dev/null &
    server=$!
    started="$started $server"
    sees server 'listening on '
    port=$(sed -n 's/^listening on .*://p' "$scratch/server.screen")
    address=(--port "$port")
}

# stop_server: SIGTERM, and the server has to end with exit status 0.
stop_server() {
    kill "$server"
    wait "$server" || wrong "the server ended with status $?"
}

# start_broker: starts Redis or Valkey on a free port, with its data in memory alone, and sets $room, the
# address of a room there. Returns 1, and says so, where there is none.
start_broker() {
    local program tries port
    program=$(broker_program) || {
        printf '\n  %sskipped: two servers, one room: redis-server 7 is not here%s\n' "$dim" "$plain"
        return 1
    }
    for ((tries = 0; tries < 10; tries++)); do
        port=$((20000 + RANDOM % 10000))
        "$program" --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$scratch" \
            >"$scratch/broker.trace" 2>&1 </dev/null &
        broker=$!
        started="$started $broker"
        until grep -q 'Ready to accept' "$scratch/broker.trace"; do
            kill -0 "$broker" 2>/dev/null || continue 2
            sleep 0.02
        done
        room=redis://127.0.0.1:$port/lounge
        return
    done
    wrong "$program does not start"
}

# start_client WHO [OPTION...]: shows the command line and starts a client, whose keyboard is a pipe.
start_client() {
    local who=$1
    shift
    set -- client "${address[@]}" --trace "$@"
    printf '  $ %s\n' "$bin/$step $*"
    mkfifo "$scratch/$who.keyboard"
    "$bin/$step" "$@" \
        <"$scratch/$who.keyboard" >"$scratch/$who.screen" 2>"$scratch/$who.trace" &
    echo $! >"$scratch/$who.process"
    started="$started $!"
    # One process holds the pipe open, so that the client sees no end of input between two lines.
    tail -f /dev/null >"$scratch/$who.keyboard" &
    started="$started $!"
}

# types WHO LINE
types() {
    printf '  %s types: %s\n' "$1" "$2"
    # A pipe that nobody reads any more would be opened for ever.
    kill -0 "$(cat "$scratch/$1.process")" 2>/dev/null || wrong "$1's client has ended already"
    printf '%s\n' "$2" >"$scratch/$1.keyboard"
}

# leaves WHO: types exit; the client has to end with exit status 0.
leaves() {
    types "$1" exit
    wait "$(cat "$scratch/$1.process")" || wrong "$1's client ended with status $?"
}

# runs WHO COMMAND [OPTION...]: shows the command line and runs the step's program to its end, which
# has to be exit status 0.
runs() {
    local who=$1 command=$2
    shift 2
    set -- "$command" --port "$port" "$@"
    printf '  $ %s\n' "$bin/$step $*"
    "$bin/$step" "$@" </dev/null >"$scratch/$who.screen" 2>"$scratch/$who.trace" ||
        wrong "$who ended with status $?"
}

# beside LEFT RIGHT STYLE: the two in columns.
beside() {
    local padding=$((30 - ${#1}))
    [ $padding -ge 0 ] || padding=0
    printf '  %s%*s  %s%s%s\n' "$1" $padding '' "$3" "$2" "$plain"
}

# show WHO: what WHO saw, and beside it WHO's trace.
show() {
    local left right more_left=yes more_right=yes
    printf '\n%s' "$bold"
    beside "$1 saw" "trace of $1" "$bold"
    while :; do
        IFS= read -r left <&3 || more_left=''
        IFS= read -r right <&4 || more_right=''
        [ -n "$more_left$more_right" ] || break
        beside "$left" "$right" "$dim"
    done 3<"$scratch/$1.screen" 4<"$scratch/$1.trace"
}

# expect WHO TEXT: WHO's screen has to hold exactly TEXT.
expect() {
    local saw
    saw=$(cat "$scratch/$1.screen")
    [ "$saw" = "$2" ] || wrong "$1 should have seen: $2, and saw: $saw"
}

# notice TEXT [LESSON]: one sentence on what to see in it, and the lesson to open; default: the step's.
notice() {
    printf '\n  %sNotice:%s %s\n' "$bold" "$plain" "$1"
    printf '  %sLesson:%s lessons/%s.md\n' "$bold" "$plain" "${2:-$step}"
    printf '  %s✓ each side saw what it should%s\n' "$green" "$plain"
}

end_tour() {
    printf '\nThat was the tour. Now try a step yourself: ./lab run 01 server\n'
}
