# `lab bare`: a bare Debian, and both commands of the README in it. Read by lab; no step teaches it.

# The machine's processes and mounts are its own, and end with it; its network is not, as its apt-get
# needs one. In the end its folder goes.
bare() {
    [ $# -le 1 ] || bad_usage "bare: one suite: bookworm, trixie, testing"
    local suite=${1:-stable} tool folder status=0
    [ "$(id -u)" -eq 0 ] || {
        echo "lab: bare: only root can make a machine: sudo ./lab bare $suite" >&2
        exit 1
    }
    for tool in debootstrap git unshare; do
        command -v $tool >/dev/null || need $tool $tool $tool $tool $tool
    done
    install_missing
    unshare --mount --pid true 2>/dev/null || {
        echo "lab: bare: this machine does not let unshare(1) make namespaces" >&2
        exit 1
    }
    folder=$(mktemp -d "$(own_folder)/bare.XXXXXX")
    # Should a mount be left against all expectation, nothing behind it is removed.
    # shellcheck disable=SC2064
    trap "rm -rf --one-file-system '$folder'" EXIT
    trap 'exit 130' INT TERM
    unshare --mount --pid --fork --kill-child bash tools/bare_machine.sh "$suite" "$folder" &
    wait $! || status=$?
    exit $status
}
