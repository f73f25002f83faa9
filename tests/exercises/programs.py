"""Programs made from the exercises, in any state of completion."""

import os
import pathlib
import subprocess
import sys

LAB = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(LAB / "tools"))

from exercise import Exercise  # noqa: E402


def make(exercise, language, done, folder):
    """Puts the program with the regions up to checkpoint `done` into `folder`, ready to run. Raises
    AssertionError if the compiler warns."""
    code = exercise.render(language, done)
    program = folder / exercise.step
    if language == "python":
        program.write_text(code, "utf-8")
        program.chmod(0o755)
        return
    source = folder / (exercise.step + ".cpp")
    source.write_text(code, "utf-8")
    for name, text in exercise.given(language).items():
        (folder / name).write_text(text, "utf-8")
    libraries = ["-l" + name for name in exercise.libraries(language)]
    compiler = os.environ.get("CXX", "c++").split()
    words = [*compiler, "-std=c++20", "-Wall", "-Wextra", "-pthread", source, "-o", program, *libraries]
    ended = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = ended.stdout.decode("utf-8", "replace")
    assert ended.returncode == 0 and "warning" not in said, said
