#!/usr/bin/env bash
# bare_machine.sh SUITE FOLDER: what `lab bare` does in namespaces of its own: makes a Debian or Ubuntu in FOLDER
# and runs both commands of the README in it, on the files of the last commit.
set -euo pipefail
suite=$1 folder=$2 machine=$2/machine

# run NAME COMMAND...: runs it in the machine; its output goes to NAME's log. Says how it ended.
run() {
    local name=$1 begin=$SECONDS status=0
    shift
    echo "lab: bare: $* (its output: $folder/$name.log)"
    env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin ${http_proxy:+"http_proxy=$http_proxy"} \
        chroot "$machine" sh -c 'cd /lab && exec "$@"' sh "$@" </dev/null >"$folder/$name.log" 2>&1 || status=$?
    result="$result$* ended with $status after $((SECONDS - begin)) s"$'\n'
    [ $status -eq 0 ] || failed="$failed $name"
}

result='' failed=''
begin=$SECONDS
echo "lab: bare: making a $suite"
mkdir -m 755 "$machine"
case $suite in
    # Ubuntu keeps some of the packages in universe. debootstrap has one script for all its releases, gutsy: a
    # new one need not have a script of its own.
    noble | resolute)
        more=('--components=main,universe') from=("${LAB_MIRROR:-http://archive.ubuntu.com/ubuntu}" gutsy)
        ;;
    *) more=() from=(${LAB_MIRROR:+"$LAB_MIRROR"}) ;;
esac
debootstrap --variant=minbase "${more[@]}" "$suite" "$machine" "${from[@]}" >"$folder/debootstrap.log" 2>&1 || {
    tail -n 20 "$folder/debootstrap.log"
    exit 1
}
echo "lab: bare: made in $((SECONDS - begin)) s"
mount -t proc proc "$machine/proc"
mount --bind /dev "$machine/dev"
mount --bind /dev/pts "$machine/dev/pts"
mount -t tmpfs tmpfs "$machine/dev/shm"
[ -e "$machine/etc/hosts" ] || printf '127.0.0.1 localhost\n::1 localhost\n' >"$machine/etc/hosts"
mkdir "$machine/lab"
git archive HEAD | tar -x -C "$machine/lab"

run tour ./lab tour
run test ./lab test
# Of the tests that failed, what each of them said.
[ ! -e "$folder/test.log" ] || awk '/ Test +#/ { failed = /\*\*\*/ && !/\*\*\*Skipped/ } failed' "$folder/test.log"
for name in $failed; do
    echo "--- the end of $name.log:"
    tail -n 60 "$folder/$name.log"
done
printf '\n%s, %s, %s\n%s' "$suite" "$(sed -n 's/^PRETTY_NAME=//p' "$machine/etc/os-release")" \
    "$(chroot "$machine" c++ --version 2>/dev/null | head -n 1)" "$result"
grep -E '^skipped: |tests passed, |^lessons |^lab: could not|^lab: what needs|^  missing: ' "$folder/test.log" || true
[ -z "$failed" ]
