#!/bin/sh
# The test runner: run.sh SLUG INPUT OUTPUT. The slug is the name of a step, with - or _, with or without its number.
home=$(dirname "$(dirname "$(readlink -f "$0")")")
slug=$(echo "$1" | tr - _)
step=$slug
for folder in "$home"/lab/exercises/*/; do
    name=$(basename "$folder")
    [ "${name#*_}" != "$slug" ] || step=$name
done
mkdir -p "$3"
sh "$home/lab/grade.sh" "$step" "$2" "exercism:${3%/}/results.json"
[ -e "${3%/}/results.json" ] ||
    echo '{"version": 3, "status": "error", "message": "The grader did not start. This is no mark.", "tests": []}' > "${3%/}/results.json"
