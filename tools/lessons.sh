# `lab lesson` and `lab lessons`: shows a page, or runs its commands. Read by lab; no step teaches it.

# The file of the page that $1 names: a step, or a file's name, with or without .md.
find_page() {
    local page
    for page in "lessons/$1" "lessons/$1.md" "$1"; do
        if [[ $page == *.md && -f $page ]]; then
            echo "$page"
            return
        fi
    done
    for page in lessons/*.md; do
        if [[ $page == "lessons/$1_"* ]]; then
            echo "$page"
            return
        fi
    done
    bad_usage "there is no page '$1'; there are: $(cd lessons && printf '%s ' *.md | sed 's/\.md / /g')"
}

# As it is, without what stands there for the tests alone; on a terminal made for one, through less.
lesson() {
    [ $# -eq 1 ] || bad_usage "lesson: which page?"
    local page columns bold='' dim='' plain=''
    page=$(find_page "$1")
    if ! [ -t 1 ] || ! command -v less >/dev/null; then
        sed '/^<!-- .* -->$/d' "$page"
        return
    fi
    [ -n "${NO_COLOR:-}" ] || bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'
    columns=$(tput cols 2>/dev/null) || columns=80
    LC_ALL=C awk -f lessons/terminal.awk -v width=$((columns < 100 ? columns : 100)) \
        -v bold="$bold" -v dim="$dim" -v plain="$plain" "$page" | LESSCHARSET=utf-8 less -R
}

lessons() {
    local update=() pages=(README.md lessons/*.md)
    while [ $# -gt 0 ]; do
        case $1 in
            --update) update=(--update) ;;
            -*) bad_usage "lessons: unknown option $1" ;;
            *)
                [ ${#pages[@]} -ne 1 ] || bad_usage "lessons: one page, or none for all"
                pages=("$(find_page "$1")")
                ;;
        esac
        shift
    done
    need_test_tools ''
    build default
    exec python3 tests/lessons/run_lesson.py ${update[@]+"${update[@]}"} "${pages[@]}"
}
