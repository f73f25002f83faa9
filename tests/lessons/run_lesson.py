#!/usr/bin/env python3
"""Runs the command blocks of lessons and compares what they print with what the page shows.

    run_lesson.py [--update] [--build DIRECTORY] [--hide NEED,... | --hide-each] PAGE.md ...

Only blocks marked as `console` are run; lines that begin with `$ ` are the commands. The commands of
a page run in one bash, in the lab's folder, one after the other. The runner has more patience than a
page needs to say: it waits, also after a command has ended, until what the page shows has come. And a
command that only looks (cat, grep, tail ...) is given again until it shows what the page shows.
A command that has not ended after two minutes is a fault, and the page ends there.
A block is not run, and the report says why, if something that it needs is not there, or if it uses what
a block that was not run would have made: chain.py finds that in the text.
"""
import argparse
import difflib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

sys.dont_write_bytecode = True
import chain  # noqa: E402
import check_page  # noqa: E402
import needs  # noqa: E402
import page  # noqa: E402
import reading_time  # noqa: E402
from shell import Shell, Stage, Stuck, only_looks  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
# `kill $server`: the runner waits until it has ended, because the next block may want its port. After
# `kill -s` it does not wait: with that a page sends a signal that the server outlives.
ENDS = re.compile(r"\bp?kill\b(?! -(?:STOP|CONT|0|s)\b)([^;&|]*)")
COMMAND_SECONDS = 120  # for a command to end: `./lab compare` alone takes most of a minute
PATIENCE = 30  # seconds for what it shows to come after that
SHORT_PATIENCE = 1.5  # the same where it is not known what will come
LINE_END_PATIENCE = 1  # seconds for the end of a line whose text has come

# --- running --------------------------------------------------------------------------------------


running = set()  # the shells of all pages that run now


class Player:
    """Runs the commands of one page."""

    def __init__(self, shell, stage, updating):
        self.shell = shell
        self.stage = stage
        self.updating = updating
        self.patience = SHORT_PATIENCE if updating else PATIENCE

    def play(self, command):
        """Runs one command; returns the lines that came, as the page would show them."""
        self.shell.run(self.stage.to_run(command.text), COMMAND_SECONDS)
        ended = re.findall(r"\$\w+", " ".join(ENDS.findall(command.text)))
        if ended:
            self.shell.run("wait " + " ".join(ended), COMMAND_SECONDS)
        if self.updating and "&" in command.text and not (command.shown and self.fits(command)):
            self.listen(time.monotonic() + SHORT_PATIENCE, lambda: False)
        deadline = time.monotonic() + self.patience
        if only_looks(command.text):
            while not self.fits(command) and time.monotonic() < deadline:
                time.sleep(0.1)
                self.shell.forget()
                self.shell.run(self.stage.to_run(command.text), COMMAND_SECONDS)
        else:
            self.listen_until_it_fits(command, deadline)
        lines = self.lines()
        self.shell.forget()
        if not page.fits(command.shown, lines):
            self.patience = SHORT_PATIENCE
        return lines

    def listen(self, deadline, enough):
        while not enough() and time.monotonic() < deadline:
            self.shell.listen(min(0.1, deadline - time.monotonic()))

    def listen_until_it_fits(self, command, deadline):
        """A line without its end is given some time to end: who writes the two apart is half-way."""
        self.listen(deadline, lambda: self.fits(command))
        if self.fits(command):
            self.listen(time.monotonic() + LINE_END_PATIENCE, self.shell.at_line_end)

    def lines(self):
        """What has come so far, as a terminal shows it, without empty lines at the end."""
        lines = [self.stage.to_show(line.rstrip("\r")) for line in self.shell.output()]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def fits(self, command):
        return page.fits(command.shown, self.lines())


def play_blocks(blocks, folder, build, updating, say):
    """Runs the blocks; returns (command, lines) for each command, and why it stopped early, if so."""
    came = []
    commands = [command.text for block in blocks for command in block.commands]
    with Stage(commands, build) as stage:
        shell = Shell(folder, stage.scratch)
        running.add(shell)
        try:
            player = Player(shell, stage, updating)
            for block, reason in zip(blocks, chain.Story(blocks).reasons(needs.lack)):
                if reason:
                    say(block.at, "not run: " + reason)
                    continue
                for command in block.commands:
                    try:
                        came.append((command, player.play(command)))
                    except Stuck as stuck:
                        output = "\n  ".join([""] + player.lines())
                        return came, (command, f"$ {command.text}\n  {stuck}{output}")
            time.sleep(0.1 if came else 0)
            shell.listen(0)
            if came:
                came[-1][1].extend(player.lines())
        finally:
            running.remove(shell)
            shell.close()
    return came, None


class Report:
    """What is said about a page, and whether it is in order."""

    def __init__(self, name):
        self.name = name
        self.lines = []
        self.good = True

    def note(self, at, text):
        self.lines.append(f"{self.name}:{at + 1}: {text}")

    def fault(self, at, text):
        self.note(at, text)
        self.good = False


def seen_from(root, build):
    """The build directory as commands in `root` name it: the name of the root may have a space."""
    return os.path.relpath(os.path.join(root, build), root)


def run_page(path, build, updating):
    """Runs and checks one page; writes it if it is to be updated. Returns its report."""
    begin = time.monotonic()
    report = Report(os.path.relpath(path, ROOT))
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for at, text in check_page.faults(lines, path, ROOT):
        report.fault(at, text)
    new_lines, problems = check_page.with_excerpts(lines, ROOT)
    for at, text in problems:
        report.fault(at, text)
    blocks = page.parse(new_lines)
    for text in reading_time.faults(new_lines, sum(len(block.commands) for block in blocks), path):
        report.fault(0, text)
    came, stuck = play_blocks(blocks, ROOT, build, updating, report.note)
    if stuck:
        report.fault(stuck[0].at, stuck[1])
    new_lines = page.updated(new_lines, came)
    if new_lines != lines and updating:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(new_lines))
        report.lines.append(f"{report.name}: updated")
    elif new_lines != lines:
        report.good = False
        report.lines += difflib.unified_diff(lines, new_lines, report.name, "what came", lineterm="")
        report.lines.append(f"If that is right: ./lab lessons --update {os.path.basename(path)}")
    elif report.good:
        report.lines.append(f"{report.name}: as shown ({time.monotonic() - begin:.1f} s)")
    return report


def compares(path):
    """Whether the page measures all transports: that takes longest, so it begins first."""
    with open(path, encoding="utf-8") as file:
        return "\n$ build/bin/compare run" in file.read()


def hide_each(pages, arguments):
    """Runs the pages again and again: each time without one of the things that they need, at last without all."""
    needed = {}  # what is needed, and the pages that need it
    for path in pages:
        with open(path, encoding="utf-8") as file:
            for need in {need for block in page.parse(file.read().split("\n")) for need in block.needs}:
                needed.setdefault(need, []).append(path)
    good = True
    for names, paths in [*sorted(needed.items()), (",".join(needed), pages)]:
        print(f"--- without {names}", flush=True)
        good = subprocess.run([sys.executable, __file__, *arguments, "--hide", names, *paths]).returncode == 0 and good
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--update", action="store_true", help="write what came into the page")
    parser.add_argument("--build", default="build", help="the build directory")
    parser.add_argument("--hide", metavar="NEED,...", help="run the pages as on a machine without these")
    parser.add_argument("--hide-each", action="store_true", help="do so for each need in turn, then for all")
    parser.add_argument("pages", nargs="+", metavar="PAGE.md")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if options.hide_each:
        sys.exit(0 if hide_each(options.pages, ["--build", options.build]) else 1)
    with tempfile.TemporaryDirectory(prefix="lab-path.") as folder:
        if options.hide:
            needs.hide(options.hide.split(","), folder)
        sys.exit(0 if run_pages(options) else 1)


def run_pages(options):
    """Runs all pages, four at a time; prints a report of each, and returns whether all are in order."""
    good = True
    build = seen_from(ROOT, options.build)
    with ThreadPoolExecutor(max_workers=4) as workers:
        pages = sorted(map(os.path.abspath, options.pages), key=compares, reverse=True)
        try:
            runs = [workers.submit(run_page, path, build, options.update) for path in pages]
            for report in map(Future.result, as_completed(runs)):
                print("\n".join(report.lines), flush=True)
                good = good and report.good
        except BaseException:  # a signal: the pages that run end without their shells
            workers.shutdown(wait=False, cancel_futures=True)
            for shell in list(running):
                shell.kill()
            raise
    return good


if __name__ == "__main__":
    main()
