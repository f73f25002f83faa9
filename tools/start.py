"""Writes the starter of a step into a new folder, or shows its solution: what `lab start` and `lab
solution` run.

    python3 tools/start.py start STEP DIR [--lang python|cpp] [--variant ID]
    python3 tools/start.py solution STEP [--lang python|cpp] [--spoil]

STEP is a full name, "01_tcp_echo".
"""

import argparse
import os
import pathlib
import shlex
import sys

import variant
from exercise import SUFFIXES, Exercise

README = """# {step}: your own

What it has to do stands in the lesson: `./lab lesson {number}`, "Build it yourself".

Run it ({build_first}in two terminals):

    ./{step} server
    ./{step} client {address}

Grade it, from the lab's folder, once or each time you save:

    ./lab grade {number} {folder}{grade}
    ./lab watch {number} {folder}{grade}{make}
{variant}
## The checkpoints

Build the program in this order. The first one is there; each other is a TODO in `{source}`.

{checkpoints}{given}
Stuck? `./lab solution {number} --lang {language} --spoil` shows one way to do it; without --spoil it does so
once you have passed `basic`.
"""

VARIANT = """
## Your variant: {name}

What follows is yours alone, and it is graded. The lesson has the values of everybody else.

{sentences}"""

GIVEN = """
Given to you, from the steps before: {names}. Read them once, and use what they have.
"""

CMAKE = """cmake_minimum_required(VERSION 3.25)
project({step} LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${{CMAKE_SOURCE_DIR}})
add_compile_options(-Wall -Wextra)
find_package(Threads REQUIRED)
add_executable({step} {step}.cpp)
target_link_libraries({step} PRIVATE Threads::Threads{libraries})
"""

# The client's argument in the README, where it needs one.
ADDRESSES = {
    "04_handshake": "ws://127.0.0.1:8004/",
    "05_ws_chat": "ws://127.0.0.1:8000/ws",
    "06_sse": "http://127.0.0.1:8006",
    "07_longpoll": "http://127.0.0.1:8007",
}


def told(step, name):
    """What the README says of the variant of the student with this ID; nothing without one."""
    return VARIANT.format(name=name, sentences="".join(f"- {value.says}\n" for value in variant.of(step, name))) if name else ""


def files_of(exercise, language, folder, name):
    """What a starter's folder holds: {name: (content, mode)}. `name` is the ID of a variant, or empty."""
    step = exercise.step
    number = step[:2]
    is_cpp = language == "cpp"
    code = exercise.render(language, 1)
    source = step + ".cpp" if is_cpp else step
    given = exercise.given(language)
    names = "".join(f"{i}. {checkpoint['name']}\n" for i, checkpoint in enumerate(exercise.checkpoints, 1))
    readme = README.format(
        step=step, number=number, folder=folder, source=source, language=language, checkpoints=names,
        address=ADDRESSES.get(step, ""),
        grade=f" --variant {shlex.quote(name)}" if name else "", variant=told(step, name),
        given=GIVEN.format(names=", ".join(f"`{name}`" for name in sorted(given))) if given else "",
        make=" --build 'cmake -B build && cmake --build build'" if is_cpp else "",
        build_first="first build it: `cmake -B build && cmake --build build`; then " if is_cpp else "",
    ).replace(" \n", "\n")
    files = {source: (code, 0o644 if is_cpp else 0o755), "README.md": (readme, 0o644)}
    files.update((name, (text, 0o644)) for name, text in given.items())
    if is_cpp:
        libraries = "".join(" " + name for name in exercise.libraries(language))
        files["CMakeLists.txt"] = (CMAKE.format(step=step, libraries=libraries), 0o644)
    return files


def write_new(path, content, mode):
    """Writes a file, which must not be there yet: also not if it comes just now."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)


def start(exercise, language, folder, name):
    """Writes the starter; returns the exit status."""
    folder = pathlib.Path(folder).expanduser().absolute()
    files = files_of(exercise, language, folder, name)
    for name in files:
        if os.path.lexists(folder / name):
            print(f"lab: start: {folder / name} is there already, and nothing is overwritten", file=sys.stderr)
            return 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, (content, mode) in files.items():
            write_new(folder / name, content, mode)
    except OSError as error:
        print(f"lab: start: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"{folder}/README.md says what to do next")
    return 0


def solution(exercise, language, spoil):
    """Shows the solution; returns the exit status."""
    if not spoil and not exercise.is_passed():
        print("lab: solution: pass the level `basic` first (./lab grade), or say --spoil to see it now", file=sys.stderr)
        return 1
    print(exercise.render(language), end="")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="./lab", description="Write a step yourself.")
    words = parser.add_subparsers(dest="word", required=True)
    starting = words.add_parser("start", help="write a starter into a folder")
    showing = words.add_parser("solution", help="show the solution")
    for word in (starting, showing):
        word.add_argument("step", metavar="STEP")
        if word is starting:
            word.add_argument("folder", metavar="DIR")
            word.add_argument("--variant", metavar="ID", default="", help="your name: some values differ from student to student")
        word.add_argument("--lang", choices=SUFFIXES, default="python")
    showing.add_argument("--spoil", action="store_true")
    options = parser.parse_args()
    exercise = Exercise(options.step)
    if options.word == "start":
        try:
            if options.variant:
                variant.checked(options.step, options.variant)
        except ValueError as error:
            parser.error(str(error))
        return start(exercise, options.lang, options.folder, options.variant)
    return solution(exercise, options.lang, options.spoil)


if __name__ == "__main__":
    sys.exit(main())
