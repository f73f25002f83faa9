"""`--variant ID`: each student has values of their own, is told them, and is graded by them."""
import csv
import io
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

if sys.version_info < (3, 11):
    sys.exit("SKIPPED: Python 3.11 is missing")  # for tomllib

LAB = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ.get("LAB_BUILD", str(LAB / "build"))
sys.path[:0] = [str(LAB / "tools/grade"), str(LAB / "tools")]
import isolation  # noqa: E402
import variant  # noqa: E402
from exercise import Exercise  # noqa: E402

#: A server of ours whose longest line is another one.
LONG_LINES = f"#!/bin/sh\nrole=$1\nshift\nexec '{BUILD}/bin/02_threaded_chat' $role --max-line SIZE \"$@\"\n"
#: A reliable client as far as one case needs it.
NUMBERS = """#!/usr/bin/env python3
import socket, sys
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.connect(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])))
for number, line in enumerate(sys.stdin.buffer, 1):
    server.send(number.to_bytes(SIZE, "big") + line.rstrip(b"\\n"))
    server.recv(65536)
"""
USUAL_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def value(step, name):
    return variant.of(step, name)[0].value


def run(script, *words):
    return subprocess.run([sys.executable, "-B", LAB / "tools" / script, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)


class Values(unittest.TestCase):
    def test_they_stay_the_same_for_ever(self):
        self.assertEqual([value(step, "alice") for step in variant.steps()], ["67500", "7", "4E23FCE7-91EB-40C7-9A84-E7239395E559"])
        self.assertEqual(value("04_handshake", " Alice\n"), value("04_handshake", "alice"))

    def test_they_differ_from_student_to_student_and_from_the_usual_ones(self):
        names = [f"student {number}" for number in range(200)]
        for step, entries in variant.table().items():
            found = {value(step, name) for name in names}
            self.assertGreaterEqual(len(found), 6, step)
            self.assertNotIn(entries[0]["usual"], found)
        self.assertEqual(len({value("04_handshake", name) for name in names}), 200)

    def test_a_student_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            for step, name in (("02_threaded_chat", "alice"), ("03_udp", "alice"), ("04_handshake", "Zoë O'Neil")):
                place = pathlib.Path(folder, step)
                self.assertEqual(run("start.py", "start", step, place, "--variant", name).returncode, 0)
                readme = (place / "README.md").read_text("utf-8")
                self.assertIn(value(step, name), readme)
                self.assertIn(f"## Your variant: {name}\n", readme)
            self.assertIn("""--variant 'Zoë O'"'"'Neil'""", readme)

    def test_bad_usage_is_told(self):
        for script, words in (("start.py", ["start", "01_tcp_echo", "/no/such/folder"]), ("grade/grade.py", ["01_tcp_echo", "x"])):
            said = run(script, *words, "--variant", "alice")
            self.assertEqual(said.returncode, 2)
            self.assertIn("01_tcp_echo has no variants; there are variants of 02_threaded_chat, 03_udp, 04_handshake", said.stdout)


class Grading(unittest.TestCase):
    def passes(self, step, program, name, case, deadline_ms):
        """Whether the program passes the case in the variant of this student, and what the case prints."""
        with tempfile.TemporaryDirectory(prefix="lab-variant-test.") as folder:
            path = pathlib.Path(folder, step)
            path.write_text(program, "utf-8")
            path.chmod(0o755)
            values = {each.variable: each.value for each in variant.of(step, name)}
            said = subprocess.run([f"{BUILD}/tests/{step}_contract", f"--test-case={case}"], stdout=subprocess.PIPE, text=True,
                                  env=dict(os.environ, LAB_BIN=folder, LAB_DEADLINE_MS=deadline_ms, **values))
        self.assertNotIn("test cases: 0", said.stdout)
        return said.returncode == 0, " ".join(said.stdout.split())

    def expect(self, step, program, case):
        """Alice's program, with her value for SIZE, passes for her; for Bob it fails, and the case names his value."""
        mine, other = value(step, "alice"), value(step, "bob")
        self.assertNotEqual(mine, other)
        passed, said = self.passes(step, program.replace("SIZE", mine), "alice", case, "10000")
        self.assertTrue(passed, said)
        passed, said = self.passes(step, program.replace("SIZE", mine), "bob", case, "2500")
        self.assertFalse(passed, said)
        self.assertIn(f"in your variant {other}", said)

    def test_02_has_another_longest_line(self):
        self.expect("02_threaded_chat", LONG_LINES, "without --max-line a line of the greatest length passes*")

    def test_03_has_another_width_of_the_sequence_number(self):
        self.expect("03_udp", NUMBERS, "reliable client numbers its datagrams*")

    def test_04_has_another_guid_in_a_class(self):
        """Server and client, each against the other half of ours."""
        try:
            isolation.Isolation().missing()
        except isolation.TooMuch as error:
            self.skipTest(str(error))
        program = Exercise("04_handshake").render("python")
        self.assertEqual(program.count(USUAL_GUID), 1)
        with tempfile.TemporaryDirectory(prefix="lab-variant-test.") as folder:
            table = pathlib.Path(folder, "class.csv")
            for name in ("alice", "bob"):
                (pathlib.Path(folder, "class", name)).mkdir(parents=True)
                path = pathlib.Path(folder, "class", name, "04_handshake")
                path.write_text(program.replace(USUAL_GUID, value("04_handshake", "alice")), "utf-8")
                path.chmod(0o755)
            said = run("grade/classroom.py", "04_handshake", pathlib.Path(folder, "class"), "--build", BUILD, "--level", "basic",
                       "--variants", "--csv", table, "--time", "120", "--patience", "10")
            self.assertTrue(table.exists(), said.stdout)
            rows = {row["id"]: row for row in csv.DictReader(io.StringIO(table.read_text("utf-8"), newline=""))}
        self.assertEqual((rows["alice"]["score"], rows["alice"]["fault"]), ("60", ""))
        self.assertLess(float(rows["bob"]["score"]), 60)
        self.assertIn(f"in your variant {value('04_handshake', 'bob')}", rows["bob"]["hint"])


if __name__ == "__main__":
    unittest.main()
