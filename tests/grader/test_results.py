"""What `--results` writes: each format against the rules of the platform that reads it, with output that means harm."""
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

LAB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(LAB, "tools/grade"))
import record as records  # noqa: E402
import results  # noqa: E402
from record import Case, Record  # noqa: E402

BUILD = os.environ.get("LAB_BUILD", os.path.join(LAB, "build"))
ECHO = os.path.join(LAB, "tests/grader/programs/echo.py")
GRADE = [sys.executable, "-B", os.path.join(LAB, "tools/grade/grade.py"), "01_tcp_echo"]
# NUL, escape sequences, bytes that are no UTF-8, the ends of blocks in XML, TAP and VPL, a long line.
HARM = "\0\x1b[2J\udcff]]>\n--|>\nGrade :=>>100\n...\n# SKIP\n\u2028\u202e" + "x" * 10_000_000


def nasty(**more):
    """The record of a program that means harm: one case in each state."""
    cases = [Case("passes", "basic", "Gate", "server", records.PASSED, 0.5),
             Case("fails # hard\\", "basic", "Echo", "server", records.FAILED, 1.25, brief=HARM, text=HARM, hint="look"),
             Case("fails in some runs", "robust", "server", "server", records.UNSTABLE, 2.0, brief="1 of 3", text="1 of 3"),
             Case("needs Chromium", "robust", "client", "client", records.SKIPPED, brief="no Chromium", text="no Chromium"),
             Case("comes later", "full", "server", "server", records.WAITS, brief="it was not run", text="it was not run")]
    record = Record("01_tcp_echo", "Zoë\x1b[1m", "2026-11-29T12:00:00Z", 4.5, cases=cases, **more)
    records.give_marks(record, records.read_marks(os.path.join(LAB, "tools/marks.toml")))
    return record


def keys(value):
    return set(value)


class Formats(unittest.TestCase):
    def render(self, name, record=None):
        """The text of a format, in which nothing that means harm is left."""
        text = results.render(name, [record or nasty()])
        self.assertEqual(re.findall("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u202e]", text), [])
        text.encode("utf-8")
        self.assertLess(len(text), 200_000)
        return text

    def test_what_harms_is_shown_as_bytes_in_each(self):
        for name in set(results.FORMATS) - {"csv"}:
            self.assertTrue(re.search(r"\\+x1b\[2J\\+xff", self.render(name)), name)

    def test_gradescope(self):
        result = json.loads(self.render("gradescope"))
        self.assertLessEqual(keys(result), {"score", "execution_time", "output", "output_format", "test_output_format",
                                            "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"})
        for test in result["tests"]:
            self.assertLessEqual(keys(test), {"score", "max_score", "status", "name", "name_format", "number", "output",
                                              "output_format", "tags", "visibility", "extra_data"})
            self.assertIn(test["status"], ("passed", "failed"))
        self.assertEqual([test["status"] for test in result["tests"]], ["passed", "failed", "failed", "failed"])
        self.assertAlmostEqual(result["score"], sum(test["score"] for test in result["tests"]), 2)
        self.assertEqual(result["score"], 30)

    def test_classroom50(self):
        os.environ.update(COMMIT_URL="https://github.com/org/alice/commit/1", SUBMISSION_TAG="submit/1")
        self.addCleanup(os.environ.pop, "COMMIT_URL")
        self.addCleanup(os.environ.pop, "SUBMISSION_TAG")
        result = json.loads(self.render("classroom50"))
        self.assertEqual(keys(result), {"schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit",
                                        "release", "review", "datetime", "score", "max-score", "tests"})
        self.assertEqual((result["owner"], result["submission"]), ("alice", "submit/1"))
        self.assertRegex(result["datetime"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.assertEqual((result["score"], result["max-score"]), (3000, 10000))
        self.assertEqual(sum(test["max-score"] for test in result["tests"]), 10000)
        for test in result["tests"]:
            self.assertLessEqual({"test-name", "passed", "score", "max-score"}, keys(test))
            self.assertLessEqual(test["score"], test["max-score"])

    def test_prairielearn(self):
        result = json.loads(self.render("prairielearn"))
        self.assertAlmostEqual(result["score"], 0.3)
        self.assertTrue(all({"points", "max_points"} <= keys(test) for test in result["tests"]))
        many = nasty()
        many.cases += [Case(f"case {number}", "full", "server", "server", records.FAILED, text="y" * 30000) for number in range(200)]
        self.assertLess(len(results.render("prairielearn", [many]).encode()), 1_000_001)

    def test_exercism(self):
        result = json.loads(self.render("exercism"))
        self.assertEqual((result["version"], result["status"]), (3, "fail"))
        for test in result["tests"]:
            self.assertIn(test["status"], ("pass", "fail", "error"))
            self.assertEqual("message" in test, test["status"] != "pass")
            self.assertLessEqual(len(test.get("output", "")), 500)
            self.assertIsInstance(test["task_id"], int)
        nothing = Record("01_tcp_echo", "x", "2026-11-29T12:00:00Z", trouble="there is no x.")
        result = json.loads(results.render("exercism", [nothing]))
        self.assertEqual((result["status"], result["message"]), ("error", "there is no x."))

    def test_junit(self):
        root = ElementTree.fromstring(self.render("junit").encode())
        self.assertEqual(root.tag, "testsuites")
        for suite in root:
            cases = suite.findall("testcase")
            self.assertLessEqual({"name", "tests", "failures", "errors"}, keys(suite.attrib))
            self.assertEqual(int(suite.get("tests")), len(cases))
            self.assertEqual(int(suite.get("failures")), sum(case.find("failure") is not None for case in cases))
            self.assertEqual(len({(case.get("classname"), case.get("name")) for case in cases}), len(cases))
            for case in cases:
                self.assertLessEqual(keys(case.attrib), {"name", "classname", "time"})
                self.assertRegex(case.get("classname"), r"^lab\.01\.(basic|robust|full)$")
                for child in case:
                    self.assertIn(child.tag, ("failure", "error", "skipped"))
                    self.assertTrue(child.text, "GitLab shows the body")

    def test_ctrf(self):
        report = json.loads(self.render("ctrf"))
        self.assertEqual(keys(report), {"reportFormat", "specVersion", "results"})
        self.assertEqual(keys(report["results"]), {"tool", "summary", "tests"})
        summary = report["results"]["summary"]
        self.assertEqual(keys(summary), {"tests", "passed", "failed", "skipped", "pending", "other", "start", "stop"})
        self.assertTrue(all(isinstance(value, int) for value in summary.values()))
        self.assertEqual(summary["tests"], sum(summary[state] for state in ("passed", "failed", "skipped", "pending", "other")))
        for test in report["results"]["tests"]:
            self.assertLessEqual(keys(test), {"name", "status", "duration", "suite", "message", "trace", "tags", "flaky"})
            self.assertIsInstance(test["duration"], int)
        self.assertEqual([test.get("flaky") for test in report["results"]["tests"]].count(True), 1)

    def test_tap(self):
        lines = self.render("tap").splitlines()
        self.assertEqual(lines[:2], ["TAP version 14", "1..5"])
        tests = [line for line in lines if re.match(r"(not )?ok \d+ - ", line)]
        self.assertEqual([int(re.search(r"\d+", line)[0]) for line in tests], [1, 2, 3, 4, 5])
        self.assertEqual(tests[1], "not ok 2 - basic: fails \\# hard\\\\")
        self.assertEqual([line for line in tests if "# SKIP" in line], tests[3:])
        inside = [line for line in lines[2:] if line not in tests]
        self.assertTrue(all(line.startswith("  ") for line in inside), inside)

    def test_vpl(self):
        lines = self.render("vpl").splitlines()
        self.assertEqual([line for line in lines if line.startswith("Grade :=>>")], ["Grade :=>>30"])
        self.assertEqual(lines.count("<|--"), 3)
        self.assertEqual(lines.count("--|>"), 3)

    def test_csv_of_a_class(self):
        harm = nasty()
        harm.target = "=cmd|'/c calc'!A1"
        rows = list(csv.reader(io.StringIO(results.render("csv", [nasty(), harm]), newline="")))
        self.assertEqual(len(rows), 3)
        self.assertTrue(all(len(row) == len(rows[0]) for row in rows))
        self.assertEqual(rows[1][:5], ["Zoë\\x1b[1m", "01_tcp_echo", "30", "100", ""])
        self.assertTrue(rows[2][0].startswith("'="))

    def test_a_fault_of_the_grader_is_no_zero(self):
        record = nasty(fault="no port is free")
        said = {name: results.render(name, [record]) for name in results.FORMATS}
        for name, text in said.items():
            self.assertIn("no port is free", text, name)
        self.assertNotIn("score", json.loads(said["gradescope"]))
        self.assertEqual(json.loads(said["classroom50"])["max-score"], 0)
        self.assertEqual(json.loads(said["prairielearn"])["gradable"], False)
        self.assertEqual(json.loads(said["exercism"])["status"], "error")
        self.assertNotIn("\nGrade", said["vpl"])
        self.assertIn("Bail out!", said["tap"])
        self.assertIn('errors="1"', said["junit"])
        self.assertEqual(list(csv.reader(io.StringIO(said["csv"])))[1][2], "")
        self.assertIsNone(json.loads(said["json"])["score"])

    def test_a_platform_for_one_program_takes_no_class(self):
        self.assertRaises(ValueError, results.render, "gradescope", [nasty(), nasty()])


class Marks(unittest.TestCase):
    def test_what_could_not_be_run_costs_nothing(self):
        record = nasty()
        self.assertEqual([case.max_points for case in record.cases], [30, 30, 30, 0, 10])

    def test_checkpoints_and_cases_have_weights_of_their_own(self):
        record = nasty()
        marks = {"levels": {"basic": 60}, "checkpoints": {"Gate": 3}, "cases": {"fails in some runs": 0}, "hidden": {"levels": ["full"], "cases": []}}
        records.give_marks(record, marks)
        self.assertEqual([case.max_points for case in record.cases], [45, 15, 0, 0, 0])
        self.assertEqual([case.hidden for case in record.cases], [False, False, False, False, True])

    def test_hidden_cases_show_what_details_say(self):
        for details, shown in (("full", "expected 1\ncame      2"), ("actual-only", "came      2"), ("none", "")):
            record = Record("01_tcp_echo", "x", cases=[Case("a", "full", "server", "server", records.FAILED, text="expected 1\ncame      2",
                                                           hint="h", hidden=True)])
            records.hide(record, details)
            self.assertEqual(record.cases[0].text, shown)

    def test_a_bad_file_is_told(self):
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
            for text, words in (("[levels]\nbasic = -1\n", "is no weight"), ("[levels]\nhard = 1\n", "no level hard"), ("[", "")):
                file.seek(0)
                file.truncate()
                file.write(text)
                file.flush()
                with self.assertRaisesRegex(ValueError, words):
                    records.read_marks(file.name)


class AFileIsAlwaysThere(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="lab-results-test.")
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "results", "r.json")

    def grade(self, target, *more):
        return subprocess.Popen([*GRADE, target, "--build", BUILD, "--results", f"json:{self.path}", *more], stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def result(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def test_where_there_is_no_program(self):
        run = self.grade("/no/such/program", "--level", "basic")
        run.communicate(timeout=60)
        self.assertEqual(run.returncode, 1)
        self.assertIn("there is no /no/such/program", self.result()["trouble"])
        self.assertEqual(self.result()["score"], 0)
        self.assertGreater(len(self.result()["cases"]), 5)

    def test_where_the_grader_is_ended_in_the_middle(self):
        run = self.grade(ECHO)
        run.stdout.readline()
        run.send_signal(signal.SIGTERM)
        run.communicate(timeout=20)
        self.assertEqual(run.returncode, 3)
        self.assertEqual((self.result()["fault"], self.result()["score"]), ("it was ended before it was ready", None))

    def test_a_right_server_without_a_client(self):
        # A busy machine may stop a program for seconds, which is no mistake of a right one.
        run = self.grade(ECHO, "--level", "basic", "--name", "Zoë", "--patience", "10")
        run.communicate(timeout=60)
        cases = self.result()["cases"]
        self.assertEqual({case["state"] for case in cases if case["role"] == "server"}, {"passed"})
        self.assertEqual({case["state"] for case in cases if case["role"] == "client"}, {"waits"})
        self.assertEqual(self.result()["target"], "Zoë")
        self.assertTrue(0 < self.result()["score"] < 60)

    def test_bad_usage_is_told(self):
        for words in (["--results", "xml:/tmp/x"], ["--results", "json"], ["--marks", "/no/such/file"]):
            self.assertEqual(subprocess.run([*GRADE, ECHO, *words], stderr=subprocess.DEVNULL).returncode, 2, words)


if __name__ == "__main__":
    unittest.main()
