# `lab test`: builds the tests, runs them, and says what came. Read by lab; no step teaches it.

# mawk waits until it has read much, unless it is told that somebody looks on.
awk_at_once() {
    case $(awk -W version 2>/dev/null </dev/null) in
        mawk*) awk -W interactive "$@" ;;
        *) awk "$@" ;;
    esac
}

# test_targets [STEP]: what has to be built for the step's tests, its lesson's programs too. Nothing:
# all.
test_targets() {
    [ -n "$1" ] || return 0
    echo "tests_${1%%_*}"
    sed -n 's/^\$ //p' "lessons/$1.md" | grep -oE 'build/(bin|tests)/[0-9a-z_]+' | sed 's,.*/,,' | sort -u
}

# absolute_bin: LAB_BIN, as the caller meant it.
absolute_bin() {
    (cd "$caller" && cd "$LAB_BIN" 2>/dev/null && pwd) || {
        echo "lab: LAB_BIN: there is no such directory" >&2
        return 1
    }
}

# path_to_python: PATH, in which python3 is Python itself. pyenv's is a shell script, which takes several times as
# long to start.
path_to_python() {
    local python
    python=$(python3 -c 'import sys; print(sys.executable)' 2>/dev/null) || python=''
    if [ -z "$python" ] || [ "$python" -ef "$(command -v python3)" ]; then
        echo "$PATH"
    else
        echo "${python%/*}:$PATH"
    fi
}

# suite PRESET [CTEST OPTION...]: runs the tests that are built. Most cases wait for a network or a
# timer, so there is room for several on each processor.
suite() {
    local preset=$1 directory status=0 each=9 columns=0 beside=()
    shift
    [ "$preset" = default ] || each=2
    directory=$(build_directory "$preset")
    need_writable "$directory"
    exec 7>"$directory/suite.lock"
    lock 7 "another ./lab test runs in $directory"
    [ ! -t 1 ] || columns=$(tput cols 2>/dev/null) || columns=80
    [ ! -x "$directory/tests/with_chromium" ] || beside=("$directory/tests/with_chromium")
    # What tests and lessons start, as curl, would ask a proxy even for this machine.
    PATH=$(path_to_python) no_proxy='*' ${beside[@]+"${beside[@]}"} ctest --preset "$preset" -j $(($(processors) * each)) "$@" 7>&- |
        awk_at_once -v columns="$columns" -f tools/summary.awk || status=$?
    awk -f tools/skipped.awk "$directory/Testing/Temporary/LastTest.log" || true
    exec 7>&-
    return $status
}

run_tests() {
    local step='' preset=default label=() targets
    while [ $# -gt 0 ]; do
        case $1 in
            --sanitize)
                case ${2:-} in
                    address | thread) preset=$2 ;;
                    *) bad_usage "test: --sanitize address or --sanitize thread" ;;
                esac
                shift
                ;;
            -*) bad_usage "test: unknown option $1" ;;
            *)
                [ -z "$step" ] || bad_usage "test: one step, or none for all"
                step=$(find_step "$1")
                label=(-L "^${step%%_*}\$")
                ;;
        esac
        shift
    done
    [ -z "${LAB_BIN:-}" ] || LAB_BIN=$(absolute_bin)
    [ -z "${LAB_BIN:-}" ] || export LAB_BIN
    need_test_tools "$step"
    targets=$(test_targets "$step")
    # Names of targets have no spaces.
    # shellcheck disable=SC2086
    build "$preset" $targets
    suite "$preset" ${label[@]+"${label[@]}"}
}
