# `lab check`: what CI does beside the tests. Read by lab; no step teaches it.

# stage WORDS COMMAND...: says what is done, does it, and says how long it took.
stage() {
    local words=$1 begin=$SECONDS
    shift
    echo "lab: $words" >&2
    "$@"
    echo "lab: $words: $((SECONDS - begin)) s" >&2
}

check_format() {
    find [0-9][0-9]_*/ common compare wire exercises tests -name '*.[ch]pp' -print0 |
        xargs -0 clang-format --dry-run -Werror
}

check_shell() {
    if command -v shellcheck >/dev/null; then
        shellcheck lab .ci/run tools/*.sh tools/kit/*/*.sh tools/kit/gradescope/run_autograder ./*/tour.sh lessons/*/*.sh
    else
        echo "lab: there is no shellcheck: skipped" >&2
    fi
}

# The version that a compiler tells: one compiler may have several names.
identity() {
    "$1" -E -P -x c++ - <<<__VERSION__ 2>/dev/null
}

# other_compilers: the oldest and the newest g++-N and clang++-N, and clang++, that are not the default
# compiler, or each other.
other_compilers() {
    local seen kind name
    seen=$(identity "${CXX:-c++}")
    for kind in g++ clang++; do
        for name in $(compgen -c "$kind-" | grep -xE "${kind//+/[+]}-[0-9]+" | sort -u | sort -t- -k2n |
            sed -n '1p;$p') $(command -v "$kind"); do
            [[ $'\n'$seen$'\n' == *$'\n'$(identity "$name")$'\n'* ]] || echo "${name##*/}"
            seen=$seen$'\n'$(identity "$name")
        done
    done
}

# compile_with COMPILER: every file, without precompiled headers, which would hide an #include that is
# missing. A warning is an error.
compile_with() {
    local directory=build-check-$1 output
    need_writable "$directory"
    output=$(cmake --preset default -B "$directory" -DCMAKE_CXX_COMPILER="$1" \
        -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON -DCMAKE_COMPILE_WARNING_AS_ERROR=ON 2>&1) || {
        echo "$output" >&2
        return 1
    }
    compile "$directory"
}

# tidy DIRECTORY FOLDERS [OPTION...]: clang-tidy on the files in folders that begin so, by the commands of
# a build without precompiled headers, as Clang cannot read GCC's.
tidy() {
    local directory=$1 folders=$2 root
    shift 2
    # The name of the lab's folder becomes part of a regular expression.
    # shellcheck disable=SC2001
    root=$(sed 's/[][\.*^$+?(){}|]/\\&/g' <<<"$here")
    run-clang-tidy -quiet -j "$(processors)" -p "$directory" "$@" "^$root/($folders)" 2>/dev/null |
        grep -v 'clang-tidy.* -p=\|^$' >&2 || [ "${PIPESTATUS[0]}" -eq 0 ]
}

# The analyzer follows every path through a file, and takes as long as all else together: a case has one
# path.
check_tidy() {
    tidy "$1" '[0-9]|common|compare|wire'
    tidy "$1" tests "-checks=-clang-analyzer-*,-bugprone-reserved-identifier"
}

sanitized() {
    build "$1"
    suite "$1"
}

# FUZZ_SECONDS for each fuzzer, one on each processor. The quoted part is for the inner bash to expand.
run_fuzzers() {
    # shellcheck disable=SC2016
    printf '%s\0' build-fuzz/fuzz/*_fuzz |
        FUZZ_SECONDS=${FUZZ_SECONDS:-60} xargs -0 -n 1 -P "$(processors)" bash -c '
            name=$(basename "$1" _fuzz)
            corpus=build-fuzz/corpus/$name
            mkdir -p "$corpus"
            echo "lab: fuzzing $name for $FUZZ_SECONDS s" >&2
            "$1" -max_total_time="$FUZZ_SECONDS" -verbosity=0 -artifact_prefix="build-fuzz/$name-" \
                "$corpus" "tests/fuzz/corpus/$name" || exit 255' fuzz
}

check_compilers() {
    local compiler compilers
    stage "everything, by ${CXX:-c++}" build default
    compilers=$(other_compilers)
    for compiler in ${compilers:-"${CXX:-c++}"}; do
        stage "everything, by $compiler" compile_with "$compiler"
        tidy_by=build-check-$compiler
    done
}

check_sanitizers() {
    stage AddressSanitizer sanitized address
    stage ThreadSanitizer sanitized thread
}

# The pages as on a machine without one of the tools, for each tool in turn, and without all.
check_lessons() {
    build default
    python3 -B tests/lessons/run_lesson.py --build build --hide-each lessons/*.md
}

check_fuzzers() {
    stage "the fuzzers, by Clang" build fuzz fuzzers
    stage fuzzers run_fuzzers
}

# check_room STEP: a room of 300 clients, three servers of the step and a broker, in which the worst
# happens; LAB_SEED says in which order.
check_room() {
    LAB_ROOMS=full "build/tests/$1_contract" --test-case='*behind nginx*' --no-intro --no-version
}

check_rooms() {
    local step
    broker_program >/dev/null || need "Redis or Valkey" redis-server valkey valkey redis
    has_tool nginx || need nginx nginx-light nginx nginx nginx
    install_missing
    for step in 05_ws_chat 06_sse 07_longpoll; do
        build default "$step" "${step}_contract"
        stage "a room of many servers of $step" check_room "$step"
    done
}

# check [--seed N] [WHAT...]: these checks, or all. A minute for each fuzzer, unless the caller has less,
# or more, time.
check() {
    local what tidy_by='' chosen=()
    while [ $# -gt 0 ]; do
        if [ "$1" = --seed ]; then
            [[ ${2:-} =~ ^[0-9]{1,9}$ ]] || bad_usage "check: --seed wants a number"
            export LAB_SEED=$2
            shift
        else
            chosen+=("$1")
        fi
        shift
    done
    set -- ${chosen[@]+"${chosen[@]}"}
    [ $# -gt 0 ] || set -- format shell compilers tidy exercises mistakes lessons sanitizers fuzzers rooms
    need_python
    list_build_tools
    list_check_tools
    install_missing
    for what in "$@"; do
        case $what in
            format) stage clang-format check_format ;;
            shell) stage shellcheck check_shell ;;
            compilers) check_compilers ;;
            tidy)
                [ -n "$tidy_by" ] || check_compilers
                stage clang-tidy check_tidy "$tidy_by"
                ;;
            exercises)
                stage exercises env LAB_EXERCISES=full python3 -B tests/exercises/test_exercises.py
                stage exercises env LAB_EXERCISES=full python3 -B tests/grader/test_class.py
                stage exercises env LAB_EXERCISES=full python3 -B tests/grader/test_kits.py
                ;;
            lessons) stage "lessons without each tool" check_lessons ;;
            mistakes) stage "wrong programs" env LAB_MISTAKES=full python3 -B tests/mistakes/test_mistakes.py ;;
            sanitizers) check_sanitizers ;;
            fuzzers) check_fuzzers ;;
            rooms) check_rooms ;;
            *) bad_usage "check: there is no check '$what'" ;;
        esac
    done
    echo "lab: the checks passed in $SECONDS s: $*"
}
