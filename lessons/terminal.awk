# A page for a terminal: headings and commands in bold, prose broken between words, and without what
# stands there for the tests or a browser alone. Runs in the C locale, where a letter may be several
# characters: those behind the first of UTF-8 are not counted.
#
# -v width=80 -v bold=… -v dim=… -v plain=…

function width_of(text) {
    gsub(/[\200-\277]/, "", text)
    return length(text)
}

# **so** in bold.
function with_bold(text,    found) {
    while (match(text, /\*\*[^*]+\*\*/)) {
        found = substr(text, RSTART + 2, RLENGTH - 4)
        text = substr(text, 1, RSTART - 1) bold found plain substr(text, RSTART + RLENGTH)
    }
    return text
}

# The lines behind the first begin below its text, as a list's do.
function wrapped(text,    words, count, i, line, indent, result) {
    indent = match(text, /^ *([-*]|[0-9]+\.) /) ? sprintf("%" RLENGTH "s", "") : ""
    count = split(text, words, " ")
    match(text, /^ */)
    line = substr(text, 1, RLENGTH) words[1]
    for (i = 2; i <= count; ++i) {
        if (width_of(line) + 1 + width_of(words[i]) > width) {
            result = result line "\n"
            line = indent words[i]
        } else {
            line = line " " words[i]
        }
    }
    return result line
}

/^<!-- .* -->$/ || /^<\/details>$/ { next }
/^!\[/ && !fenced {
    at = index($0, "](")
    print dim "Picture: " plain wrapped(substr($0, 3, at - 3))
    print dim "    lessons/" substr($0, at + 2, length($0) - at - 2) ", for a browser" plain
    next
}
/^ *```/ {
    fenced = !fenced
    print dim $0 plain
    next
}
fenced && /^\$ / || /^#/ && !fenced { print bold $0 plain; next }
fenced || /^\|/ { print; next }
/^<details><summary>/ {
    gsub(/<[a-z\/]+>/, "")
    print bold $0 plain
    next
}
{ print with_bold(wrapped($0)) }
