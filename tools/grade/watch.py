#!/usr/bin/env python3
"""Grades a program each time it is saved: `./lab watch STEP TARGET`. Shows the one case that matters next.

Keys: h the next stage of the hint, a all cases, l the lesson, q the end.
"""
import argparse
import contextlib
import os
import select
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import target as targets  # noqa: E402

GRADE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "grade.py")
LOOK_SECONDS = 0.25  # between two looks at the files
MAX_FILES = 2000  # that are looked at in a folder
KEYS = "h hint   a all cases   l lesson   q quit"


def arguments():
    parser = argparse.ArgumentParser(prog="./lab watch", description="Grades a program each time it is saved.")
    parser.add_argument("step", help="the step, such as 01_tcp_echo")
    parser.add_argument("target", help="a program, or a folder that holds it")
    parser.add_argument("--variant", metavar="ID", help="the student's name, as `lab grade` takes it")
    parser.add_argument("--build", metavar="COMMAND", help="builds the program after each change: --build 'make'")
    parser.add_argument("--caller", default=os.getcwd(), help=argparse.SUPPRESS)
    return parser.parse_args()


def stamps(path):
    """The files below a path with their times and sizes: what changes when one is saved."""
    found = {}
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    for place, inner, names in os.walk(folder):
        inner[:] = [name for name in inner if not name.startswith((".", "build", "__pycache__"))]
        for name in names[:MAX_FILES]:
            with contextlib.suppress(OSError):
                status = os.stat(os.path.join(place, name))
                found[os.path.join(place, name)] = status.st_mtime_ns, status.st_size
        if len(found) >= MAX_FILES:
            break
    return found


@contextlib.contextmanager
def single_keys():
    """Makes each key arrive at once, without an echo; the terminal is as before afterwards."""
    if not sys.stdin.isatty():
        yield
        return
    import termios
    import tty
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


class Watch:
    def __init__(self, options):
        self.options = options
        self.path = os.path.join(options.caller, os.path.expanduser(options.target))
        self.hint = 0
        self.seen = {}

    def clear(self):
        if sys.stdout.isatty():
            print("\033[H\033[2J", end="", flush=True)

    def build(self):
        """Builds the program; false if that failed, and the compiler has said why."""
        if not self.options.build:
            return True
        folder = self.path if os.path.isdir(self.path) else os.path.dirname(self.path)
        return subprocess.run(self.options.build, shell=True, cwd=folder, stdin=subprocess.DEVNULL).returncode == 0

    def variant(self):
        return ["--variant", self.options.variant] if self.options.variant else []

    def grade(self, *more):
        self.clear()
        begin = time.monotonic()
        if self.build():
            subprocess.run([sys.executable, "-B", GRADE, self.options.step, self.path,
                            "--caller", self.options.caller, *self.variant(), *["--hint"] * self.hint, *more], stdin=subprocess.DEVNULL)
        # A file that the build has written is no change of the student's.
        self.seen = stamps(self.path)
        print(f"\n{time.monotonic() - begin:.1f} s. The files are looked at {1 / LOOK_SECONDS:.0f} times a second. {KEYS}",
              flush=True)

    def lesson(self):
        lab = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(GRADE))), "lab")
        subprocess.run([lab, "lesson", self.options.step])

    def press(self, key):
        """Does what a key stands for; false for the end."""
        if key == "h":
            self.hint = min(self.hint + 1, 2)
            self.grade("--next")
        elif key == "a":
            self.grade("--all")
        elif key == "l":
            self.lesson()
        return key not in ("q", "")

    def run(self):
        self.grade("--next")
        while True:
            ready = select.select([sys.stdin], [], [], LOOK_SECONDS)[0]
            if ready and not self.press(os.read(sys.stdin.fileno(), 1).decode(errors="replace")):
                return
            if stamps(self.path) != self.seen:
                self.hint = 0
                self.grade("--next")


def main():
    options = arguments()
    if targets.ADDRESS.match(options.target):
        sys.exit("lab: watch looks at the files of a program: name one, or its folder")
    if not os.path.exists(os.path.join(options.caller, os.path.expanduser(options.target))):
        sys.exit(f"lab: there is no {options.target}")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    with single_keys(), contextlib.suppress(KeyboardInterrupt):
        Watch(options).run()


if __name__ == "__main__":
    main()
