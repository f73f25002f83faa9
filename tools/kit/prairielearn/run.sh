#!/bin/sh
# PrairieLearn runs this for each submission: run.sh STEP.
root=${GRADE_ROOT:-/grade}
mkdir -p "$root/results"
sh "$root/serverFilesCourse/lab/grade.sh" "$1" "$root/student" "prairielearn:$root/results/results.json"
[ -e "$root/results/results.json" ] ||
    echo '{"gradable": false, "format_errors": ["The grader could not grade: it did not start. This is no mark."]}' \
        > "$root/results/results.json"
