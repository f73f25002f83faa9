# `lab bare`: a bare Debian or Ubuntu, and both commands of the README in it. Read by lab; no step teaches it.

machine='' machine_folder=''

# Ends all that runs in the machine: its first process cannot ignore this. The mounts end with it, and
# should one be left against all expectation, nothing behind it is removed.
end_machine() {
    local tries=0
    [ -z "$machine" ] || ! kill -KILL "$machine" 2>/dev/null || wait "$machine" 2>/dev/null || true
    until rm -rf --one-file-system "$machine_folder" 2>/dev/null || [ $((tries += 1)) -ge 50 ]; do sleep 0.2; done
}

# The machine's processes and mounts are its own, and end with it; its network is not, as its apt-get
# needs one. In the end its folder goes.
bare() {
    [ $# -le 1 ] || bad_usage "bare: one suite: bookworm, trixie, testing; of Ubuntu noble, resolute"
    local suite=${1:-stable} tool status=0
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
    machine_folder=$(mktemp -d "$(own_folder)/bare.XXXXXX")
    trap end_machine EXIT
    trap 'exit 130' INT TERM
    unshare --mount --pid --fork --kill-child bash tools/bare_machine.sh "$suite" "$machine_folder" &
    machine=$!
    wait $machine || status=$?
    exit $status
}
