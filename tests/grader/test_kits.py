"""`./lab kit`: each kit, in the folders of its platform, without a network and as an ordinary user, from a built lab.

All five platforms with LAB_EXERCISES=full, which `lab check exercises` sets; else Gradescope's alone: each takes
seconds of processor time.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
import zipfile

if sys.version_info < (3, 11):
    sys.exit("SKIPPED: Python 3.11 is missing")  # for tomllib

LAB = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = os.environ.get("LAB_BUILD", str(LAB / "build"))
sys.path[:0] = [str(LAB / "tools/grade"), str(LAB / "tools")]
import isolation  # noqa: E402
from exercise import Exercise  # noqa: E402

try:
    isolation.Isolation().missing()
except isolation.TooMuch as error:
    sys.exit(f"SKIPPED: {error}")
STEP = "01_tcp_echo"
SCRIPT = Exercise(STEP).render("python").encode()
WRONG = SCRIPT.replace(b"sendall(chunk)", b'sendall(b"x" + chunk)')
BUILT = pathlib.Path(BUILD, "bin", STEP).read_bytes()  # starts sooner than a script
each_platform = unittest.skipUnless(os.environ.get("LAB_EXERCISES") == "full", "`lab check exercises` plays it")
BROKEN = b"#!/bin/sh\nexit 77\n"  # neither server nor client: it is graded in a moment


def kit(platform, folder, *options):
    """Makes a kit for the step, at the level basic. It is patient: a busy machine may stop a right program for seconds."""
    words = [sys.executable, "-B", LAB / "tools/kit/kit.py", platform, STEP, folder, "--build", BUILD, "--level", "basic",
             "--patience", "10", *options]
    return subprocess.run(words, capture_output=True, text=True)


class Kit(unittest.TestCase):
    def setUp(self):
        self.parent = tempfile.TemporaryDirectory(prefix="lab-kit-test.")
        self.addCleanup(self.parent.cleanup)
        self.root = pathlib.Path(self.parent.name, "platform")
        self.root.mkdir()
        self.apart = isolation.Isolation()

    def make(self, platform, *options):
        """The folder with the kit."""
        folder = pathlib.Path(self.parent.name, "kit")
        made = kit(platform, folder, *options)
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertIn("README.md", made.stdout)
        return folder

    def play(self, words, cwd=None, **environment):
        """Runs what the platform runs, as an ordinary user and without a network, as far as we may. Returns its exit status."""
        for place, inner, names in os.walk(self.parent.name):
            for name in [".", *inner, *names] if self.apart.other_user else []:
                os.chown(os.path.join(place, name), self.apart.user(0), self.apart.user(0))
        clean = {"PATH": os.environ["PATH"], "HOME": self.parent.name, "TMPDIR": self.parent.name, **environment}
        run = subprocess.run(self.apart.command(words, 0), cwd=cwd or self.root, env=clean, stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180)
        self.said = run.stdout
        return run.returncode

    def hand_in(self, folder, program):
        """Puts a program into the folder as a platform does: without the permission to execute it. None: no program."""
        folder.mkdir(parents=True, exist_ok=True)
        if program is not None:
            (folder / "mine.py").write_bytes(program)

    def each(self, folder, play, right=BUILT, wrong=BROKEN):
        """What `play` returns for a right program, a wrong one and none at all."""
        found = []
        for program in (right, wrong, None):
            for old in folder.glob("mine.py"):
                old.unlink()
            self.hand_in(folder, program)
            found.append(play())
        return found


class Gradescope(Kit):
    def test_it_is_played(self):
        with zipfile.ZipFile(self.make("gradescope") / f"{STEP}.zip") as archive:
            names = archive.namelist()
            archive.extractall(self.root / "source")
        self.assertLessEqual({"setup.sh", "run_autograder"}, set(names))
        self.assertEqual([name for name in names if "program." in name], [], "a kit holds no solutions")
        self.assertEqual(self.play(["sh", "source/setup.sh"], AUTOGRADER_ROOT=str(self.root)), 0, "there is nothing to install")
        # Gradescope copies it to its place, and makes it executable.
        (self.root / "run_autograder").write_bytes((self.root / "source/run_autograder").read_bytes())

        def play():
            self.assertEqual(self.play(["sh", str(self.root / "run_autograder")], AUTOGRADER_ROOT=str(self.root)), 0, self.said)
            return json.loads((self.root / "results/results.json").read_text("utf-8"))

        (self.root / "submission_metadata.json").write_text('{"users": [{"email": "zoe@example.org"}]}', "utf-8")
        right, wrong, none = self.each(self.root / "submission", play, wrong=WRONG)
        self.assertIn("zoe@example.org: ", self.said, "the name of the student's variant")
        self.assertEqual((right["score"], {test["status"] for test in right["tests"]}), (60, {"passed"}), self.said)
        self.assertTrue(0 < wrong["score"] < 60, wrong["output"])
        self.assertTrue(any("byte" in test["output"] for test in wrong["tests"]))
        self.assertEqual(none["score"], 0)
        self.assertIn("holds no program", none["output"])
        # A fault of the grader is no mark, and is said all the same.
        (self.root / "source/lab/kit.json").unlink()
        self.assertNotIn("score", play())


@each_platform
class Classroom50(Kit):
    def test_it_is_played(self):
        bundle = self.make("classroom50") / "autograders" / STEP.replace("_", "-")
        size = sum(path.stat().st_size for path in bundle.rglob("*") if path.is_file())
        self.assertLess(size, 25_000_000, "compressed, a bundle has at most 10 MB")

        def play():
            self.assertEqual(self.play([self.apart.python, str(bundle / "autograder.py")], CLASSROOM="nets", ASSIGNMENT="echo",
                                       USERNAME="zoe", SUBMISSION_TAG="submit/1"), 0, self.said)
            return json.loads((self.root / "result.json").read_text("utf-8"))

        right, wrong, none = self.each(self.root, play)
        self.assertEqual((right["score"], right["owner"], right["assignment"]), (6000, "zoe", "echo"))
        self.assertEqual((wrong["score"], wrong["max-score"]), (0, 6000))
        self.assertEqual((none["score"], none["max-score"]), (0, 6000))


@each_platform
class PrairieLearn(Kit):
    def test_it_is_played(self):
        course = self.make("prairielearn")
        info = json.loads((course / "questions" / STEP / "info.json").read_text("utf-8"))["externalGradingOptions"]
        self.assertLessEqual(info["timeout"], 600)
        (course / "serverFilesCourse").rename(self.root / "serverFilesCourse")
        entry, step = info["entrypoint"].replace("/grade", str(self.root), 1).split()

        def play():
            self.assertEqual(self.play([entry, step], GRADE_ROOT=str(self.root)), 0, self.said)
            return json.loads((self.root / "results/results.json").read_text("utf-8"))

        right, wrong, none = self.each(self.root / "student", play)
        self.assertEqual((right["gradable"], right["score"]), (True, 1))
        self.assertEqual((wrong["gradable"], wrong["score"]), (True, 0))
        self.assertIn("ended with exit status 77", wrong["message"])
        self.assertEqual((none["gradable"], none["score"]), (True, 0))


@each_platform
class GitLab(Kit):
    def test_it_is_played(self):
        project = self.make("gitlab", "--make", "mv mine.py built")
        job = (project / ".gitlab-ci.yml").read_text("utf-8")
        script = re.search(r"script:\n    - (.*)\n", job)[1]
        self.assertIn(f"STEP: [{STEP}]", job)

        def play():
            status = self.play(["sh", "-c", script], cwd=project, CI_PROJECT_DIR=str(project), STEP=STEP)
            suite = ElementTree.parse(project / "lab-results.xml").find("testsuite")
            return status, int(suite.get("tests")), int(suite.get("failures"))

        right, wrong, none = self.each(project / STEP, play)
        self.assertEqual((right[0], right[2]), (0, 0), self.said)
        self.assertEqual((wrong[0], none[0]), (1, 1), "a job is red where a case has failed")
        self.assertEqual(right[1], none[1], "each case is in the report")
        self.assertIn("could not be built with `mv mine.py built`: mv: cannot stat", self.said)


@each_platform
class Exercism(Kit):
    def test_it_is_played(self):
        runner = self.make("exercism", "--time", "120")
        out = self.root / "out"

        def play(slug="tcp-echo"):
            self.assertEqual(self.play(["sh", str(runner / "bin/run.sh"), slug, f"{self.root}/in/", f"{out}/"]), 0, self.said)
            return json.loads((out / "results.json").read_text("utf-8"))

        right, wrong, none = self.each(self.root / "in", play)
        self.assertEqual((right["version"], right["status"]), (3, "pass"))
        self.assertEqual(wrong["status"], "error", "nothing has run")
        self.assertIn("ended with", wrong["message"])
        self.assertEqual(none["status"], "error")
        self.assertIn("this kit has no step bob", play("bob")["message"])


class Usage(unittest.TestCase):
    def test_bad_usage_is_told(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "mine").touch()
            self.assertIn("is there already", kit("gradescope", folder).stderr)
            self.assertEqual(kit("moodle", f"{folder}/new").returncode, 2)
            self.assertEqual(kit("gitlab", f"{folder}/new", "--marks", "/no/such/file").returncode, 2)
            self.assertIn("01_tcp_echo has no variants", kit("gitlab", f"{folder}/new", "--variants").stderr)
            self.assertIn("does not tell", kit("exercism", f"{folder}/new", "--variants").stderr)
            self.assertFalse(pathlib.Path(folder, "new").exists())


if __name__ == "__main__":
    unittest.main()
