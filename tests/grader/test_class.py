"""`./lab class`: a folder of submissions, among them programs that mean harm. They cost their own mark and nothing else."""
import argparse
import contextlib
import csv
import io
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

LAB = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ.get("LAB_BUILD", str(LAB / "build"))
sys.path[:0] = [str(LAB / "tools/grade"), str(LAB / "tools")]
import alike  # noqa: E402
import classroom  # noqa: E402
import isolation  # noqa: E402
from exercise import Exercise  # noqa: E402
from seconds import seconds  # noqa: E402

CLASS = [sys.executable, "-B", LAB / "tools/grade/classroom.py", "01_tcp_echo", "--build", BUILD, "--level", "basic"]
ECHO = (LAB / "tests/grader/programs/echo.py").read_text("utf-8")
# Two of the programs would harm us if they ran as we do.
APART = isolation.Isolation().other_user
try:
    isolation.Isolation().missing()
except isolation.TooMuch as error:
    sys.exit(f"SKIPPED: {error}")
FULL = os.environ.get("LAB_EXERCISES") == "full"
#: What a program does before it serves as a right one does.
HARM = {
    # 512 processes, since a test must not bring a machine down. They work with LAB_EXERCISES=full alone, where no other
    # test runs beside them.
    "forks and forks": "for _ in range(9): os.fork()\n" + ("while True: pass" if FULL else "time.sleep(600)"),
    "prints gigabytes": "while True: os.write(1, b'x' * 65536)",
    "prints gigabytes of errors": "while True: os.write(2, b'x' * 65536)",
    "leaves a listener": "if sys.argv[1] == 'server' and os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(); time.sleep(600)\n    os._exit(0)",
    "edits its folder": "here = os.path.dirname(os.path.realpath(sys.argv[0]))\nos.unlink(os.path.realpath(sys.argv[0]))\nopen(os.path.join(here, 'new'), 'w').close()",
    "prints escape sequences": "print('\\033[2J\\033]0;owned\\007listening on 127.0.0.1:1', flush=True); time.sleep(600)",
    "kills its parent": "os.kill(os.getppid(), 9)",
    "stops its parent": "os.kill(os.getppid(), signal.SIGSTOP)",
    "kills its group": "os.killpg(0, 9)",
    "stays at SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
    "never listens": "time.sleep(600)",
    "fills its folder": "n = 0\nwhile True:\n    open(f'file {n}', 'w').close(); n += 1",
    "writes a large file": "f = open('large', 'wb')\nwhile True: f.write(b'x' * 1048576)",
    "binds a fixed port": "s = socket.socket(); s.bind(('127.0.0.1', 12345)); s.listen(); print('listening on 127.0.0.1:12345', flush=True); time.sleep(600)",
    "reads its neighbours": "print(sum(len(f) for f in os.walk('..')), [open(os.path.join(d, n), 'rb').read(10) for d, _, f in os.walk('../..') for n in f][:9]); time.sleep(600)",
    "closes its descriptors": "os.closerange(0, 256); time.sleep(600)",
    "crashes": "os.abort()",
    "uses a processor": "while True: pass",
    "changes the tests": f"open({str(BUILD)!r} + '/tests/01_tcp_echo_contract', 'w').close()" if APART else "sys.exit(1)",
    "ends everything": "os.kill(-1, 9)" if APART else "sys.exit(1)",
}

#: Right programs earn all there is on a busy machine too, which may stop one for seconds.
PATIENT = ("--patience", "10")
SAMPLE = ("forks and forks", "leaves a listener", "kills its parent")


def submit(folder, name, program, file="echo.py"):
    place = pathlib.Path(folder, name)
    place.mkdir(parents=True)
    (place / file).write_text(program, "utf-8")
    (place / file).chmod(0o755)


def grade(folder, *options, **environment):
    """The exit status, stdout, and {name: row} of the table."""
    with tempfile.TemporaryDirectory() as place:
        table = pathlib.Path(place, "class.csv")
        run = subprocess.run([*CLASS, folder, "--csv", table, *options], capture_output=True, text=True, timeout=560,
                             env=dict(os.environ, **environment))
        rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"), newline=""))) if table.exists() else []
    return run.returncode, run.stdout + run.stderr, {row["id"]: row for row in rows}


class Harm(unittest.TestCase):
    def test_hostile_programs_cost_their_own_mark_alone(self):
        """All of them with LAB_EXERCISES=full, which `lab check exercises` sets; else some."""
        harmful = {name: harm for name, harm in HARM.items() if FULL or name in SAMPLE}
        tests = pathlib.Path(BUILD, "tests/01_tcp_echo_contract").stat()
        with tempfile.TemporaryDirectory(prefix="lab-class-test.") as parent:
            folder = pathlib.Path(parent, "class")
            for name, harm in harmful.items():
                submit(folder, name, ECHO.replace("def main():\n", "def main():\n" + re.sub("(?m)^", "    ", harm) + "\n"))
            submit(folder, "a right one", ECHO)
            submit(folder, "\033[31mred\n", ECHO, "\033[2J\n=cmd")
            os.mkfifo(folder / "a pipe")
            (folder / "a link").symlink_to("/etc/passwd")
            (folder / "its own folder").symlink_to(folder)
            os.chmod(parent, 0o755)
            status, said, rows = grade(folder, "--time", "60" if FULL else "200", "--at-once", "6", *PATIENT, TMPDIR=parent)
            self.assertEqual(len(rows), len(harmful) + 5)
            right = float(rows["a right one"]["score"])
            self.assertGreater(right, 30)
            self.assertEqual(float(rows["\\x1b[31mred"]["score"]), right)
            for name in harmful:
                with self.subTest(name=name):
                    self.assertEqual(rows[name]["fault"], "")
                    self.assertLessEqual(float(rows[name]["score"]), right)
            self.assertNotIn("\033", said)
            self.assertEqual(status, 0)
            self.assertEqual({path.name for path in folder.iterdir()} - set(harmful), {"a right one", "\033[31mred\n", "a pipe", "a link", "its own folder"})
        after = pathlib.Path(BUILD, "tests/01_tcp_echo_contract").stat()
        self.assertEqual((after.st_size, after.st_mtime_ns), (tests.st_size, tests.st_mtime_ns))
        self.assertEqual(self.left(parent), [])

    def left(self, folder):
        """What still runs of those whose folders were in this one."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if folder.encode() in (process / "environ").read_bytes():
                    found.append((process / "cmdline").read_bytes())
        return found


class Whole(unittest.TestCase):
    def test_a_class_is_graded_twice(self):
        """One test, since each program takes seconds: rows, pages, and what a second run keeps or does again."""
        with tempfile.TemporaryDirectory(prefix="lab-class-test.") as parent:
            folder, pages = pathlib.Path(parent, "class"), pathlib.Path(parent, "pages")
            for name in ("Боб", "alice", "<script>alert(1)<_script>"):
                submit(folder, name, ECHO)
            first = grade(folder, "--html", pages, *PATIENT)[2]
            self.assertEqual(list(first), ["<script>alert(1)<_script>", "alice", "Боб"])
            self.look_at({path.name: path.read_text("utf-8") for path in pages.iterdir()})
            # Of what has been graded nothing is done again; what is not there any more is no row.
            (folder / "alice" / "echo.py").unlink()
            (folder / "<script>alert(1)<_script>").rename(folder / "carol")
            second = grade(folder, "--resume", "--at-once", "1", *PATIENT)[2]
            self.assertEqual(list(second), ["alice", "carol", "Боб"])
            self.assertEqual({row["score"] for row in second.values()}, {first["Боб"]["score"]})
            self.assertEqual(second["Боб"]["seconds"], first["Боб"]["seconds"])

    def look_at(self, pages):
        self.assertEqual(set(pages), {"index.html", "student-001.html", "student-002.html", "student-003.html"})
        for page in pages.values():
            self.assertNotIn("<script", page)
            self.assertNotRegex(page, "(src|href)=.?http")

    def test_a_signal_breaks_it_off_and_results_are_there_all_the_same(self):
        with tempfile.TemporaryDirectory(prefix="lab-class-test.") as parent:
            os.chmod(parent, 0o755)
            folder, table = pathlib.Path(parent, "class"), pathlib.Path(parent, "class.csv")
            for name in ("alice", "bob"):
                submit(folder, name, "#!/usr/bin/env python3\nimport time\ntime.sleep(600)\n")
            run = subprocess.Popen([*CLASS, folder, "--at-once", "1", "--csv", table], env=dict(os.environ, TMPDIR=parent),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(run.kill)
            while not list(pathlib.Path(parent).glob("lab-class.*/tmp/lab-grade.*")):
                self.assertIsNone(run.poll())
                time.sleep(0.05)
            run.send_signal(signal.SIGTERM)
            self.assertEqual(run.wait(20), 3)
            rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8"), newline="")))
            self.assertEqual([(row["id"], row["score"], "broken off" in row["fault"]) for row in rows],
                             [("alice", "", True), ("bob", "", True)])
            self.assertEqual(list(pathlib.Path(parent).glob("lab-class.*")), [])

    def test_marks_are_the_instructor_s(self):
        with tempfile.TemporaryDirectory(prefix="lab-class-test.") as parent:
            folder, marks = pathlib.Path(parent, "class"), pathlib.Path(parent, "marks.toml")
            submit(folder, "alice", "#!/bin/sh\nexit 1\n")
            marks.write_text('[levels]\nbasic = 7\n[hidden]\nlevels = ["basic"]\n', "utf-8")
            marks.chmod(0o600)
            rows = grade(folder, "--marks", marks)[2]
            self.assertEqual((rows["alice"]["score"], rows["alice"]["max"]), ("0", "7"))
            marks.write_text("[levels]\nhard = 7\n", "utf-8")
            self.assertEqual(grade(folder, "--marks", marks)[0], 2)

    def test_names_that_look_alike_are_two_students(self):
        self.assertEqual(len(classroom.students(os.fsdecode(self.two_names()))), 2)

    def two_names(self):
        parent = tempfile.TemporaryDirectory(prefix="lab-class-test.")
        self.addCleanup(parent.cleanup)
        for name in (b"z\xff", b"z\\xff"):
            os.mkdir(os.path.join(os.fsencode(parent.name), name))
        return os.fsencode(parent.name)

    def test_bad_usage_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(grade("/no/such/folder")[0], 2)
            self.assertEqual(grade(folder, "--results", "gradescope:/tmp/x")[0], 2)
            for option in ("--time", "--patience"):
                self.assertEqual(grade(folder, f"{option}=0")[0], 2)
        for words in ("0", "-1", "nan", "inf", "86401", "much"):
            with self.assertRaises((argparse.ArgumentTypeError, ValueError), msg=words):
                seconds(words)


class Users(unittest.TestCase):
    @unittest.skipUnless(APART, "only root gives programs another user")
    def test_two_classes_at_once_have_users_of_their_own(self):
        """What runs as one's users is ended together: those of another class must not be among them."""
        one, other = isolation.Isolation(), isolation.Isolation()
        self.assertGreaterEqual(abs(one.user(0) - other.user(0)), isolation.SLOTS)
        self.assertEqual(one.user(7) - one.user(0), 7)

    @unittest.skipUnless(APART, "only root gives programs another user")
    def test_no_other_class_ends_what_is_tried_at_first(self):
        """What runs as a user of a class is ended with its program, and then Python would seem not to run."""
        tried = []
        with unittest.mock.patch.object(isolation.Isolation, "_works", lambda _, words: tried.extend(words) or True):
            isolation.Isolation()
        users = [int(word.partition("=")[2]) for word in tried if word.startswith("--reuid=")]
        self.assertGreater(len(users), 0)
        self.assertEqual([user for user in users if isolation.FIRST_USER <= user < isolation.TRIAL_USER], [])


class Alike(unittest.TestCase):
    def test_names_comments_and_layout_hide_nothing(self):
        solution = Exercise("02_threaded_chat").render("python")
        other = re.sub(r"(?m)#(?!!).*$", "", solution).replace("connection", "c").replace("\n\n", "\n").replace("members", "everybody")
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("one", solution), ("two", other), ("three", Exercise("04_handshake").render("python"))):
                submit(folder, name, text)
            found = alike.pairs({name: os.path.join(folder, name) for name in ("one", "two", "three")})
        self.assertEqual([pair[1:] for pair in found], [("one", "two")])
        self.assertGreater(found[0][0], 0.9)

    def test_what_all_were_given_does_not_count(self):
        starter = (True, Exercise("02_threaded_chat").render("python", 1))
        with tempfile.TemporaryDirectory() as folder:
            submit(folder, "one", starter[1])
            submit(folder, "two", starter[1])
            paths = {name: os.path.join(folder, name) for name in ("one", "two")}
            self.assertEqual(len(alike.pairs(paths)), 1)
            self.assertEqual(alike.pairs(paths, [starter]), [])


if __name__ == "__main__":
    unittest.main()
