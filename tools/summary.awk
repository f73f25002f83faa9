# ctest's lines, without those about tests that begin, and then how many cases of each level have
# passed. `columns` is the width of the terminal: there what passes is counted on one line that is
# written over; 0 is no terminal, and every test has its line.

function show_progress(name,    text) {
    text = "lab: " at " of " all  (failures ? ", " failures " failed" : "") (skips ? ", " skips " skipped" : "") ": " name
    printf "\r%s\033[K", substr(text, 1, columns - 1)
    fflush()
    growing = 1
}

# The growing line goes away before another one is printed.
function clear() {
    if (growing) printf "\r\033[K"
    growing = 0
}

/^ +Start +[0-9]+:/ { next }
/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
    split($1, place, "/")
    at = place[1]
    all = place[2]
    name = $0
    sub(/^[^:]*: /, "", name)
    sub(/ \.*[ *].*$/, "", name)
    good = $0 ~ /   Passed +[0-9.]+ sec$/
    skip = $0 ~ /\*\*\*Skipped/
    if (skip) ++skips
    else if (!good) ++failures
    if (name ~ /^(lesson |README: )/) {
        ++pages
        passed_pages += good
    }
    if (match(name, /^[0-9a-z]+ [a-z]+: /)) {
        level = substr(name, 1, RLENGTH - 2)
        ++total[level]
        passed[level] += good
        skipped[level] += skip
    }
    if (columns > 0 && (good || skip)) {
        show_progress(name)
        next
    }
}
# ctest's list of what did not run says less than ours does.
columns > 0 && /^The following tests did not run:/ { hidden = 1 }
columns > 0 && hidden && /^$/ { hidden = 0 }
!hidden { clear(); print; fflush() }
END {
    clear()
    count = split("basic robust full unit", levels, " ")
    print ""
    for (step = 1; step <= 102; ++step) {
        for (i = 1; i <= count; ++i) {
            label = step == 100 ? "common" : step == 101 ? "compare" : step == 102 ? "wire" : sprintf("%02d", step)
            name = label " " levels[i]
            if (!total[name]) continue
            printf "%-13s %d of %d passed", name, passed[name], total[name]
            print skipped[name] ? ", " skipped[name] " skipped" : ""
        }
    }
    if (pages) printf "lessons       %d of %d passed\n", passed_pages, pages
}
