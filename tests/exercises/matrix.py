"""Shows at which checkpoint each case of `basic` begins to pass, for whoever writes an exercise.

    python3 tests/exercises/matrix.py STEP [python|cpp]
"""

import pathlib
import sys
import tempfile

import contract
import programs


MARKS = {True: "+", False: ".", None: "s"}  # passed, failed, skipped


def main():
    exercise = programs.Exercise(sys.argv[1])
    language = sys.argv[2] if len(sys.argv) > 2 else "python"
    cases = contract.basic_cases(exercise.step)
    placed = {title for checkpoint in exercise.checkpoints for title in checkpoint["cases"]}
    passed = []
    for done in range(1, len(exercise.checkpoints) + 1):
        with tempfile.TemporaryDirectory() as folder:
            programs.make(exercise, language, done, pathlib.Path(folder))
            passed.append({title: run[0] for title, run in contract.grade(cases, folder).items()})
    for number, checkpoint in enumerate(exercise.checkpoints, 1):
        print(f"{number}. {checkpoint['name']}")
        for title in checkpoint["cases"]:
            marks = "".join(MARKS[runs.get(title)] for runs in passed)
            print(f"   {marks} {'' if title in cases else '(no such case) '}{title}")
    for title in sorted(set(cases) - placed):
        print(f"?  {''.join('.+'[runs[title]] for runs in passed)} {title}")


main()
