# ctest's lines, without those about tests that begin, and then how many cases of each level have
# passed.

/^ +Start +[0-9]+:/ { next }
{ print; fflush() }
/ Test +#[0-9]+: (lesson |README: )/ {
    ++pages
    if ($0 ~ /   Passed +[0-9.]+ sec$/) ++passed_pages
}
match($0, /Test +#[0-9]+: [0-9a-z]+ [a-z]+: /) {
    split(substr($0, RSTART, RLENGTH), word, /: */)
    ++total[word[2]]
    if ($0 ~ /   Passed +[0-9.]+ sec$/) ++passed[word[2]]
    if ($0 ~ /\*\*\*Skipped/) ++skipped[word[2]]
}
END {
    count = split("basic robust full unit", levels, " ")
    print ""
    for (step = 1; step <= 101; ++step) {
        for (i = 1; i <= count; ++i) {
            label = step == 100 ? "common" : step == 101 ? "compare" : sprintf("%02d", step)
            name = label " " levels[i]
            if (!total[name]) continue
            printf "%-13s %d of %d passed", name, passed[name], total[name]
            print skipped[name] ? ", " skipped[name] " skipped" : ""
        }
    }
    if (pages) printf "lessons       %d of %d passed\n", passed_pages, pages
}
