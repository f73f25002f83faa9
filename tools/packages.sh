# What lab needs from others, and how it gets it. Read by lab; no step teaches it.

has_header() {
    echo "#include <$1>" | "${CXX:-c++}" -std=c++20 -x c++ -fsyntax-only - 2>/dev/null
}

# Names that a compiler and four package managers give to the same things.
missing=() apt=() dnf=() pacman=() brew=()
need() {
    missing+=("$1") apt+=("$2") dnf+=("$3") pacman+=("$4") brew+=("$5")
}

# apt_install PACKAGE...: fails without apt-get, or the right to use it.
apt_install() {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    command -v apt-get >/dev/null || return 1
    [ ${#as_root[@]} -eq 0 ] || sudo -v 2>/dev/null || return 1
    echo "lab: installing with apt-get: $*" >&2
    ${as_root[@]+"${as_root[@]}"} apt-get update -q >&2 &&
        ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends "$@" >&2
}

install_missing() {
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "lab: missing here: ${missing[*]}" >&2
    apt_install "${apt[@]}" && return 0
    cat >&2 <<EOF
lab: install it, then try again:
  Debian, Ubuntu   sudo apt-get install ${apt[*]}
  Fedora           sudo dnf install ${dnf[*]}
  Arch             sudo pacman -S ${pacman[*]}
  macOS            brew install ${brew[*]}
EOF
    exit 1
}

# Only the pages' tests need a browser. Where none can be had, they are skipped, and ctest says so.
want_browser() {
    local name
    for name in chromium chromium-browser google-chrome; do
        ! command -v $name >/dev/null || return 0
    done
    echo "lab: missing here: Chromium, for the tests of the pages" >&2
    apt_install chromium || echo "lab: without it those tests are skipped" >&2
}

need_build_tools() {
    command -v "${CXX:-c++}" >/dev/null || need "a C++ compiler" g++ gcc-c++ gcc llvm
    command -v cmake >/dev/null || need CMake cmake cmake cmake cmake
    command -v ninja >/dev/null || need Ninja ninja-build ninja-build ninja ninja
    has_header libwebsockets.h ||
        need libwebsockets libwebsockets-dev libwebsockets-devel libwebsockets libwebsockets
    has_header doctest/doctest.h || need doctest doctest-dev doctest-devel doctest doctest
    install_missing
}

# The course notes' programs, which ours have to talk to, are in Python, and so is what runs lessons.
need_python() {
    command -v python3 >/dev/null || need Python python3 python3 python python
}

need_check_tools() {
    command -v clang-format >/dev/null ||
        need clang-format clang-format clang-tools-extra clang clang-format
    command -v run-clang-tidy >/dev/null || need clang-tidy clang-tidy clang-tools-extra clang llvm
    command -v clang++ >/dev/null || need Clang clang clang clang llvm
    echo 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }' |
        clang++ -fsanitize=fuzzer -x c++ - -o /dev/null 2>/dev/null ||
        need libFuzzer libclang-rt-dev compiler-rt compiler-rt llvm
    install_missing
}
