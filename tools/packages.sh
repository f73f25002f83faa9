# What lab needs from others, and how it gets it. Read by lab; no step teaches it.

# --- installing ---------------------------------------------------------------------------------

# as_root COMMAND...: as root already, or by sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Whether packages may be installed here: not if the caller forbids it.
may_install() {
    [ -z "${LAB_NO_INSTALL:-}" ] && command -v apt-get >/dev/null &&
        { [ "$(id -u)" -eq 0 ] || sudo -v 2>/dev/null; }
}

# keep_services_off yes|no: Debian's packages start the servers that are in them, unless this file says
# that they may not. A file that was there before comes back. LAB_POLICY is another file, for the tests.
keep_services_off() {
    local policy=${LAB_POLICY:-/usr/sbin/policy-rc.d}
    if [ "$1" = yes ]; then
        [ ! -e "$policy" ] || as_root mv "$policy" "$policy.before-lab"
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy"
        return
    fi
    as_root rm -f "$policy"
    [ ! -e "$policy.before-lab" ] || as_root mv "$policy.before-lab" "$policy"
}

# disable SERVICE: nginx and Redis are here for their programs alone. Without this they would be started
# when the machine starts next.
disable() {
    if command -v systemctl >/dev/null; then
        as_root systemctl disable "$1.service" >/dev/null 2>&1 || true
    else
        as_root update-rc.d "$1" disable >/dev/null 2>&1 || true
    fi
}

# apt LOG WORD...: apt-get WORD..., whose pages go to the log.
apt() {
    local log=$1
    shift
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" \
        </dev/null >>"$log" 2>&1
}

# apt_install PACKAGE...: all at once; if that fails, one by one, as a release need not have all. Fails
# unless all are there; names the log then.
apt_install() {
    local log package service new=() failed=''
    log=$(own_folder)/apt.log || return 1
    echo "lab: installing with apt-get: $*" >&2
    : >"$log"
    for service in nginx redis-server; do has_service "$service" || new+=("$service"); done
    # A signal must not leave the file there that keeps services off.
    trap 'keep_services_off no; exit 130' INT TERM
    keep_services_off yes
    apt "$log" update || true
    apt "$log" install --no-install-recommends --no-upgrade "$@" || for package in "$@"; do
        apt "$log" install --no-install-recommends --no-upgrade "$package" || failed="$failed $package"
    done
    keep_services_off no
    trap - INT TERM
    for service in "${new[@]}"; do
        ! has_service "$service" || disable "$service"
    done
    [ -n "$failed" ] || return 0
    echo "lab: could not be installed:$failed; apt-get says why in $log" >&2
    return 1
}

# has_service NAME: whether its program, which has the same name, is here.
has_service() {
    PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null
}

# --- what has to be there -----------------------------------------------------------------------

has_header() {
    "${CXX:-c++}" -std=c++20 -x c++ -fsyntax-only - <<<"#include <$1>" 2>/dev/null
}

# Names that people and four package managers give to the same things.
missing=() debian=() dnf=() pacman=() brew=()
need() {
    missing+=("$1") debian+=("$2") dnf+=("$3") pacman+=("$4") brew+=("$5")
}

how_to_install() {
    cat >&2 <<EOF
lab: install it, then try again:
  Debian, Ubuntu   sudo apt-get install ${debian[*]}
  Fedora           sudo dnf install ${dnf[*]}
  Arch             sudo pacman -S ${pacman[*]}
  macOS            brew install ${brew[*]}
EOF
}

# Installs what need() was told, or says how, and ends.
install_missing() {
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "lab: missing here: $(joined "${missing[@]}")" >&2
    if ! may_install || ! apt_install "${debian[@]}"; then
        how_to_install
        exit 1
    fi
    missing=() debian=() dnf=() pacman=() brew=()
}

# joined WORD...: with commas.
joined() {
    local text
    text=$(printf ', %s' "$@")
    echo "${text#, }"
}

# The course notes' programs, which ours have to talk to, are in Python, and so is what runs lessons.
need_python() {
    command -v python3 >/dev/null || need Python python3 python3 python python
}

list_build_tools() {
    command -v "${CXX:-c++}" >/dev/null || need "a C++ compiler" g++ gcc-c++ gcc llvm
    command -v cmake >/dev/null || need CMake cmake cmake cmake cmake
    command -v ninja >/dev/null || need Ninja ninja-build ninja-build ninja ninja
    has_header libwebsockets.h ||
        need libwebsockets libwebsockets-dev libwebsockets-devel libwebsockets libwebsockets
    has_header doctest/doctest.h || need doctest doctest-dev doctest-devel doctest doctest
}

# too_old: says in one sentence what is too old here; nothing if nothing is.
too_old() {
    local advice='Debian 12, Ubuntu 24.04 and later have what the lab needs' cmake clang='' gcc=''
    cmake=$(cmake --version 2>/dev/null | sed -n 's/^cmake version //p')
    case $cmake in
        [12].* | 3.[0-9].* | 3.1[0-9].* | 3.2[0-4].*)
            echo "CMake $cmake is too old, it has to be 3.25 or later; $advice"
            return
            ;;
    esac
    read -r clang gcc < <("${CXX:-c++}" -E -P -x c++ - <<<'__clang_major__ __GNUC__' 2>/dev/null) || true
    if [[ $clang =~ ^[0-9]+$ ]]; then
        [ "$clang" -ge 14 ] || echo "Clang $clang is too old, it has to be 14 or later; $advice"
    elif [[ $gcc =~ ^[0-9]+$ ]]; then
        [ "$gcc" -ge 12 ] ||
            echo "GCC $gcc is too old, it has to be 12 or later (CXX=g++-12 names another); $advice"
    fi
}

need_build_tools() {
    local old
    list_build_tools
    install_missing
    old=$(too_old)
    [ -z "$old" ] || {
        echo "lab: $old" >&2
        exit 1
    }
}

list_check_tools() {
    command -v clang-format >/dev/null ||
        need clang-format clang-format clang-tools-extra clang clang-format
    command -v run-clang-tidy >/dev/null || need clang-tidy clang-tidy clang-tools-extra clang llvm
    command -v shellcheck >/dev/null || need shellcheck shellcheck ShellCheck shellcheck shellcheck
    command -v clang++ >/dev/null || need Clang clang clang clang llvm
    clang++ -fsanitize=fuzzer -x c++ - -o /dev/null 2>/dev/null \
        <<<'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' ||
        need libFuzzer libclang-rt-dev compiler-rt compiler-rt llvm
}
