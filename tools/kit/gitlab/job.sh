#!/bin/sh
# A job of GitLab, in the checkout of a student: grades the step that STEP names. Its program is in the file or the folder of that
# name, or in the checkout itself.
submission=$CI_PROJECT_DIR
[ ! -e "$CI_PROJECT_DIR/$STEP" ] || submission=$CI_PROJECT_DIR/$STEP
# The job is red unless all has passed.
exec sh "$CI_PROJECT_DIR/lab/grade.sh" "$STEP" "$submission" "junit:$CI_PROJECT_DIR/lab-results.xml" \
    --name "${CI_PROJECT_NAMESPACE:-submission}"
