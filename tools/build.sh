# Configures and builds what a command needs, and says how far it is. Read by lab; no step teaches it.

build_directory() {
    [ "$1" = default ] && echo build || echo "build-$1"
}

processors() {
    nproc 2>/dev/null || getconf _NPROCESSORS_ONLN
}

# --- one at a time ------------------------------------------------------------------------------

# try_lock FD [-n]: locks the file that FD is open on, as flock(1) does; -n: fails instead of waiting.
# Linux has the command; macOS has Python with its compilers.
try_lock() {
    if command -v flock >/dev/null; then
        flock ${2:+"$2"} "$1"
    else
        python3 -c 'import fcntl, sys
fcntl.flock(int(sys.argv[1]), fcntl.LOCK_EX | (fcntl.LOCK_NB if len(sys.argv) > 2 else 0))' "$@" 2>/dev/null
    fi
}

# lock FD WORDS: waits for the lock of the file that FD is open on; says WORDS if another has it. The
# lock is held until FD is closed.
lock() {
    try_lock "$1" -n && return
    echo "lab: waiting: $2" >&2
    try_lock "$1"
}

# --- what stands in the way ---------------------------------------------------------------------

# need_writable DIRECTORY: makes it; where that cannot be, says why in one sentence, and ends.
need_writable() {
    mkdir -p "$1" 2>/dev/null && [ -w "$1" ] && touch "$1/lab.lock" 2>/dev/null && return
    echo "lab: you may not write to $here/$1: build in a clone of your own, or set the folder right" >&2
    exit 1
}

# CMake keeps absolute names.
need_same_place() {
    local home
    home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$1/CMakeCache.txt" 2>/dev/null) || true
    [ -z "$home" ] || [ "$home" -ef "$here" ] || {
        echo "lab: $1 was made for $home, and the lab is in $here now: remove it: rm -r '$here/$1'" >&2
        exit 1
    }
}

# --- building -----------------------------------------------------------------------------------

# A folder is newer when a file has come or gone: then its CMakeLists.txt has to look again.
is_configured() {
    [ -e "$1/build.ninja" ] && [ -z "$(find tests exercises CMakePresets.json \
        \( -type d -o -name CMakePresets.json \) -newer "$1/build.ninja")" ]
}

# is_built DIRECTORY [TARGET...]
is_built() {
    local directory=$1
    shift
    is_configured "$directory" || return
    [[ $(cd "$directory" && ninja -n "$@" 2>/dev/null) == *'no work to do'* ]]
}

# Without a terminal: a line for each tenth, and everything that is no progress. Ninja writes its
# progress as NINJA_STATUS says.
show_tenths() {
    local line at total tenth=0
    while IFS= read -r line; do
        case $line in
            '[ninja '*)
                read -r _ at total _ <<<"$line"
                [ $((at * 10 / total)) -gt $tenth ] || continue
                tenth=$((at * 10 / total))
                echo "lab: built $at of $total"
                ;;
            *) printf '%s\n' "$line" ;;
        esac
    done
}

# compile DIRECTORY [TARGET...]: on a terminal ninja's own line, which it writes over.
compile() {
    local directory=$1
    shift
    if [ -t 2 ]; then
        (cd "$directory" && NINJA_STATUS='lab: building %f of %t: ' ninja "$@" >&2 8>&-)
    else
        (cd "$directory" && NINJA_STATUS='[ninja %f %t ] ' ninja "$@" 2>&1 8>&-) | show_tenths >&2
    fi
}

# build PRESET [TARGET...]: all, or the targets alone. Says nothing where there is nothing to do, and
# asks for the tools only where there is.
build() {
    local preset=$1 directory output
    shift
    directory=$(build_directory "$preset")
    need_same_place "$directory"
    is_built "$directory" "$@" && return
    need_build_tools
    need_writable "$directory"
    exec 8>"$directory/lab.lock"
    lock 8 "another ./lab builds in $directory"
    if ! is_configured "$directory"; then
        echo "lab: configuring $directory" >&2
        output=$(cmake --preset "$preset" 2>&1 8>&-) || { echo "$output" >&2 && exit 1; }
        touch "$directory/build.ninja"
    fi
    if ! is_built "$directory" "$@"; then
        echo "lab: building in $directory: ${*:-everything}" >&2
        compile "$directory" "$@" || {
            echo "lab: $directory: it does not compile; the compiler says above why" >&2
            exit 1
        }
    fi
    exec 8>&-
}
