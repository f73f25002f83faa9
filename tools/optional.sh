# The programs that lessons and tests talk to, or look with. Without one, what needs it is skipped, and
# named. Read by lab; no step teaches it.

# A line for each: its name in the lessons' `needs:`; the steps whose tests need it; Debian's packages;
# what it is here for.
optional_tools() {
    cat <<'EOF'
chromium|04 05 06 07|chromium|a browser, for the tests of the pages
chromium-headless-shell|04 05 06 07|chromium-headless-shell|the same without windows: the tests take half as long
curl|06 07|curl|HTTP by hand
ip||iproute2|networks of one's own, in the lessons
jquery||libjs-jquery|a lesson's page with jQuery
nc||netcat-openbsd|TCP and UDP by hand (OpenBSD's nc, which has -N)
nginx|05 06 07|nginx-light|a proxy in front of the servers
node|04 06 07|nodejs|JavaScript without a browser
openssl|05|openssl|certificates, for wss://
patch||patch|makes the wrong programs that the grader is tried on
pgrep||procps|processes by name, in the lessons
pkill||procps|signals by name, in the lessons
ps||procps|threads and memory, in the lessons
redis-server|05 06 07|redis-server|a broker between servers (Redis or Valkey, 7 or later)
socat||socat|a proxy by hand
ss||iproute2|what the kernel knows about sockets
strace||strace|the system calls of a program
tcpdump||tcpdump|what goes over the wire
tshark|01 02 03 04 05 06 07|tshark|reads captures, as Wireshark does
uvicorn||python3-uvicorn python3-fastapi|the course notes' server, with FastAPI
websockets|04|python3-websockets|Python's WebSocket
ws|04|nodejs node-ws|Node's WebSocket
xxd||xxd|bytes in hexadecimal
EOF
}

# has_tool NAME: whether it is there, and does what it is here for.
has_tool() {
    case $1 in
        chromium) has_browser ;;
        chromium-headless-shell) "$1" --version >/dev/null 2>&1 </dev/null ;;
        jquery) [ -f /usr/share/javascript/jquery/jquery.min.js ] ;;
        nc) nc -h 2>&1 </dev/null | grep -q -- '-[a-zA-Z]*N' ;;
        nginx) has_service nginx ;;
        redis-server) broker_program >/dev/null ;;
        uvicorn) /usr/bin/python3 -c 'import uvicorn, fastapi' 2>/dev/null ;;
        websockets) /usr/bin/python3 -c 'import websockets' 2>/dev/null ;;
        ws) [ -d /usr/share/nodejs/ws ] ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# A stub that only says how to get a browser fails when it is asked for its version.
has_browser() {
    local name
    for name in chromium chromium-browser google-chrome; do
        ! "$name" --version >/dev/null 2>&1 </dev/null || return 0
    done
    return 1
}

# broker_program: prints the name of Redis or Valkey; fails unless one is here, in a version that the
# servers can use.
broker_program() {
    local name
    for name in redis-server valkey-server; do
        ! "$name" --version 2>/dev/null </dev/null | grep -Eq 'v=([7-9]|[1-9][0-9])\.' || {
            echo "$name"
            return
        }
    done
    return 1
}

# missing_tools [STEP]: the lines of those that are not here; with a step, of those that its tests or
# its lesson need.
missing_tools() {
    local name steps rest needs=''
    [ -z "${1:-}" ] ||
        needs=$(sed -n 's/^<!-- needs: \(.*\) -->$/\1/p' "lessons/$1.md" | tr ',' '\n' | tr -d ' ')
    while IFS='|' read -r name steps rest; do
        if [ -n "${1:-}" ] && [[ $steps != *"${1%%_*}"* ]] && ! grep -qx "$name" <<<"$needs"; then
            continue
        fi
        has_tool "$name" || echo "$name|$steps|$rest"
    done < <(optional_tools)
}

# describe LINES: a sentence for each line of missing_tools.
describe() {
    # shellcheck disable=SC2001
    sed 's/^\([^|]*\)|[^|]*|\([^|]*\)|\(.*\)/  missing: \1 (Debian: \2): \3/' <<<"$1"
}

# Python and the build tools have to be there; the others are installed where that may be.
need_test_tools() {
    local tools packages=()
    need_python
    list_build_tools
    install_missing
    tools=$(missing_tools "$1")
    [ -n "$tools" ] || return 0
    echo "lab: missing here: $(cut -d'|' -f1 <<<"$tools" | tr '\n' ' ')" >&2
    read -r -d '' -a packages < <(cut -d'|' -f3 <<<"$tools" | tr ' ' '\n' | sort -u) || true
    if may_install && apt_install "${packages[@]}"; then return; fi
    tools=$(missing_tools "$1")
    [ -n "$tools" ] || return 0
    echo "lab: what needs one of these is skipped:" >&2
    describe "$tools" >&2
}
