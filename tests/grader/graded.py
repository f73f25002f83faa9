"""Programs that a test of the grader has graded, and what is said about them."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

LAB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ECHO = os.path.join(LAB, "tests/grader/programs/echo.py")
BUILD = os.environ.get("LAB_BUILD", os.path.join(LAB, "build"))


def grade(target, *options, step="01_tcp_echo"):
    """The exit status, and all that is printed."""
    run = subprocess.run([sys.executable, "-B", os.path.join(LAB, "tools/grade/grade.py"), step, target, "--build", BUILD, *options],
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                         timeout=120)
    return run.returncode, run.stdout


class Folder(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="lab-grader-test.")
        self.addCleanup(shutil.rmtree, self.folder, True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text, mode=0o755):
        with open(self.path(name), "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(self.path(name), mode)
        return self.path(name)

    def wrong(self, mistake):
        """The echo server with one mistake: it reads the mistake in its own name."""
        shutil.copy(ECHO, self.path(f"echo-{mistake}"))
        return self.path(f"echo-{mistake}")

    def expect(self, target, words, *options, status=1):
        # A wrong program is not waited for at length. Of the same option the last one counts.
        code, text = grade(target, *(["--patience", "1"] if status == 1 else []), *options)
        self.assertIn(words, re.sub(r"\s+", " ", text))
        self.assertEqual(code, status, text)
        return text
