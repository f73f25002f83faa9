#!/usr/bin/env python3
"""Makes what a platform grades with, built: `./lab kit PLATFORM STEP... DIR`.

Every kit holds one folder lab/: the grader in Python, the tests and our own programs of its steps with the
libraries that they need, and grade.sh, which grades one submission. Around it stands what the platform
starts: the files in tools/kit/PLATFORM, in which @STEP@ and the like are filled in.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import uuid
import zipfile

LAB = pathlib.Path(__file__).resolve().parent.parent.parent
TEMPLATES = LAB / "tools" / "kit"
sys.path[:0] = [str(LAB / "tools"), str(LAB / "tools" / "grade")]
import variant  # noqa: E402
from record import DETAILS, LEVELS, MARKS, read_marks  # noqa: E402
from seconds import seconds  # noqa: E402

IMAGE = "python:3"  # of Docker: it has Python 3.11 or later and util-linux
MAKE_SECONDS = 120  # as apart.py allows
# Of the platforms that end a run: what the kit may take of that time.
SECONDS = {"exercism": 16, "prairielearn": 240}
USUAL_SECONDS = 240
#: Platforms that tell the grader whose submission it is.
NAMES_STUDENTS = ("gradescope", "classroom50", "gitlab")
#: Sources that cases hand to other programs, and the folder in the lab where they stand.
GIVEN = ("tests/interop", "tests/course_notes", "05_ws_chat/nginx.conf")


def arguments():
    parser = argparse.ArgumentParser(prog="./lab kit", description="Makes what an instructor uploads or commits.")
    parser.add_argument("platform", choices=PLATFORMS)
    parser.add_argument("steps", nargs="+", metavar="STEP", help="the steps that the kit grades")
    parser.add_argument("folder", metavar="DIR", help="a new or empty folder, which gets the kit")
    parser.add_argument("--level", choices=LEVELS, help="grade up to this level; default: full, for exercism basic")
    parser.add_argument("--time", type=seconds, metavar="SECONDS", help="for one submission")
    parser.add_argument("--patience", type=seconds, metavar="SECONDS",
                        help="for one thing that a program does; default: by how fast it starts")
    parser.add_argument("--make", default="", metavar="COMMAND", help="builds a submission in its folder: --make 'make'")
    parser.add_argument("--variants", action="store_true", help=f"each student has a variant, by the name that the platform "
                                                                f"tells; on {', '.join(NAMES_STUDENTS)}")
    parser.add_argument("--marks", metavar="FILE", help="points and hidden cases, as tools/marks.toml has them")
    parser.add_argument("--details", choices=DETAILS, default="full", help="what students see of hidden cases")
    parser.add_argument("--image", default=IMAGE, help=f"the image of Docker that the platform runs; default: {IMAGE}")
    parser.add_argument("--build", default=LAB / "build", help=argparse.SUPPRESS)
    parser.add_argument("--caller", default=os.getcwd(), help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.level = options.level or ("basic" if options.platform == "exercism" else "full")
    options.time = options.time or SECONDS.get(options.platform, USUAL_SECONDS)
    options.marks = pathlib.Path(options.caller, options.marks) if options.marks else pathlib.Path(MARKS)
    options.build = pathlib.Path(options.build)
    options.folder = pathlib.Path(options.caller, options.folder)
    if options.variants and options.platform not in NAMES_STUDENTS:
        parser.error(f"{options.platform} does not tell the grader who the student is: --variants cannot be had")
    try:
        read_marks(options.marks)
        for step in options.steps if options.variants else []:
            variant.checked(step, "anybody")
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if options.folder.exists() and (not options.folder.is_dir() or any(options.folder.iterdir())):
        parser.error(f"{options.folder} is there already: name a new folder")
    return options


# --- lab/ -----------------------------------------------------------------------------------------


def copy(source, target):
    """Copies a file of ours, which all may read: programs of students run as another user."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def fill(template, target, **words):
    """Copies a template, with @STEP@ and the like filled in, so that it can be started."""
    text = re.sub("@([A-Z]+)@", lambda found: str(words[found[1].lower()]), template.read_text("utf-8"))
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, "utf-8")
    target.chmod(0o755)


def libraries_of(program):
    """The path of the loader of a program, and of each shared library that it needs. Raises OSError."""
    try:
        said = subprocess.run(["ldd", program], stdout=subprocess.PIPE, check=True, text=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError) as error:
        raise OSError(f"ldd says nothing about {program}, and only Linux has it") from error
    found = [path for path in re.findall(r"(?:=> )?(/\S+) \(0x", said)]
    loader = next(path for path in found if os.path.basename(path).startswith("ld-"))
    return loader, found


def copy_program(program, home):
    """Copies a built program and its libraries; in its place stands a script that starts it with them."""
    elf = home / "build" / "elf" / program.name
    copy(program, elf)
    if shutil.which("strip"):
        subprocess.run(["strip", elf], check=True)
    loader, libraries = libraries_of(program)
    for library in libraries:
        copy(pathlib.Path(library), home / "build" / "lib" / os.path.basename(library))
    fill(TEMPLATES / "lab/wrapper.sh", home / "build" / program.parent.name / program.name,
         loader=os.path.basename(loader), name=program.name)


def make_lab(home, steps, options):
    """Writes the folder lab/ for these steps."""
    for source in sorted((LAB / "tools/grade").glob("*.py")):
        copy(source, home / "tools/grade" / source.name)
    for name in ("exercise.py", "variant.py", "variants.toml"):
        copy(LAB / "tools" / name, home / "tools" / name)
    copy(options.marks, home / "tools/marks.toml")
    fill(TEMPLATES / "lab/grade.sh", home / "grade.sh")
    for path in GIVEN:
        for source in sorted((LAB / path).iterdir()) if (LAB / path).is_dir() else [LAB / path]:
            copy(source, home / source.relative_to(LAB))
    for step in steps:
        # Not the programs beside them: they are the solutions.
        for source in sorted((LAB / "exercises" / step).glob("*.toml")):
            copy(source, home / source.relative_to(LAB))
        copy_program(options.build / "bin" / step, home)
        copy_program(options.build / "tests" / f"{step}_contract", home)
    kit = {"steps": steps, "level": options.level, "seconds": options.time, "make": options.make, "details": options.details,
           "variants": options.variants, "patience": options.patience}
    (home / "kit.json").write_text(json.dumps(kit, indent=1) + "\n", "utf-8")


# --- what stands around it ------------------------------------------------------------------------


def gradescope(options):
    for step in options.steps:
        folder = options.folder / step
        make_lab(folder / "lab", [step], options)
        for name in ("setup.sh", "run_autograder"):
            fill(TEMPLATES / "gradescope" / name, folder / name, step=step)
        with zipfile.ZipFile(options.folder / f"{step}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.rglob("*")):
                archive.write(path, path.relative_to(folder))
        shutil.rmtree(folder)


def classroom50(options):
    for step in options.steps:
        folder = options.folder / "autograders" / step.replace("_", "-")
        make_lab(folder / "lab", [step], options)
        fill(TEMPLATES / "classroom50/autograder.py", folder / "autograder.py", step=step)


def prairielearn(options):
    home = options.folder / "serverFilesCourse/lab"
    make_lab(home, options.steps, options)
    fill(TEMPLATES / "prairielearn/run.sh", home / "run.sh")
    timeout = min(600, int(options.time) + 60 + (MAKE_SECONDS if options.make else 0))
    for step in options.steps:
        for name in ("info.json", "question.html"):
            fill(TEMPLATES / "prairielearn" / name, options.folder / "questions" / step / name, step=step,
                 uuid=uuid.uuid4(), image=options.image, timeout=timeout)


def gitlab(options):
    make_lab(options.folder / "lab", options.steps, options)
    fill(TEMPLATES / "gitlab/job.sh", options.folder / "lab/job.sh")
    fill(TEMPLATES / "gitlab/.gitlab-ci.yml", options.folder / ".gitlab-ci.yml", steps=", ".join(options.steps), image=options.image)


def exercism(options):
    make_lab(options.folder / "lab", options.steps, options)
    fill(TEMPLATES / "exercism/run.sh", options.folder / "bin/run.sh")
    fill(TEMPLATES / "exercism/Dockerfile", options.folder / "Dockerfile", image=options.image)


PLATFORMS = {function.__name__: function for function in (gradescope, classroom50, prairielearn, gitlab, exercism)}


def main():
    options = arguments()
    try:
        options.folder.mkdir(parents=True, exist_ok=True)
        PLATFORMS[options.platform](options)
        copy(TEMPLATES / options.platform / "README.md", options.folder / "README.md")
    except OSError as error:
        print(f"lab: kit: {error}", file=sys.stderr)
        return 1
    print(f"{options.folder}/README.md says what to do next")
    return 0


if __name__ == "__main__":
    sys.exit(main())
