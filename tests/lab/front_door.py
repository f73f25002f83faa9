"""A copy of `lab` in a folder of its own, on a machine that has only the programs that a test puts there."""
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

# The tools that every machine has, and `lab` may use without asking.
ORDINARY = """awk basename bash cat chmod cut date dirname env find flock getconf grep head id ln ls mkdir
mktemp mv nproc printf readlink rm rmdir sed sh sleep sort tail tee touch tr true uname wc xargs""".split()

# A compiler that has every header, and is new enough.
COMPILER = """case "$*" in
    *--version*) echo "stub c++ 12.2" ;;
    *-E*) sed -e 's/__clang_major__/__clang_major__/' -e 's/__GNUC__/12/' -e 's/__VERSION__/"12"/' ;;
esac"""
CMAKE = """case "$*" in
    --version) echo "cmake version 3.25.1" ;;
    *) mkdir -p build && touch build/build.ninja ;;
esac"""
NINJA = 'case " $* " in *" -n "*) echo "ninja: no work to do." ;; esac'


class FrontDoor(unittest.TestCase):
    """Each case has self.lab, the copy, and self.bin, all the programs there are."""

    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="lab-door."))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        os.chmod(self.folder, 0o755)
        self.lab = os.path.join(self.folder, "lab here")
        self.bin = os.path.join(self.folder, "bin")
        self.tmp = os.path.join(self.folder, "tmp")
        for folder in (self.lab, self.bin, self.tmp):
            os.mkdir(folder)
        os.chmod(self.tmp, 0o1777)
        shutil.copy(os.path.join(ROOT, "lab"), self.lab)
        shutil.copytree(os.path.join(ROOT, "tools"), os.path.join(self.lab, "tools"))
        for folder in ("tests", "lessons", "01_tcp_echo"):
            os.mkdir(os.path.join(self.lab, folder))
        self.write("CMakePresets.json", "{}")
        self.write("lessons/01_tcp_echo.md", "<!-- needs: nc -->\n")
        for name in ORDINARY:
            found = shutil.which(name)
            if found:
                os.symlink(found, os.path.join(self.bin, name))
        self.environment = {"PATH": self.bin, "TMPDIR": self.tmp, "HOME": self.tmp,
                            "LAB_POLICY": os.path.join(self.folder, "policy-rc.d")}

    def write(self, name, text):
        with open(os.path.join(self.lab, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8") as file:
            return file.read()

    def stub(self, name, script="exit 0"):
        """Puts a program there, which notes how it was called."""
        path = os.path.join(self.bin, name)
        if os.path.lexists(path):
            os.remove(path)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/bash\necho "{name} $*" >>"{self.folder}/calls"\n{script}\n')
        os.chmod(path, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)

    def build_tools(self):
        self.stub("c++", COMPILER)
        self.stub("cmake", CMAKE)
        self.stub("ninja", NINJA)
        self.stub("python3")

    def calls(self, program):
        """How the stub was called, each time."""
        try:
            lines = self.read("calls").splitlines()
        except FileNotFoundError:
            return []
        return [line for line in lines if line.split(" ")[0] == program]

    def run_lab(self, *words, **more):
        """Runs lab; what it prints is one text."""
        environment = dict(self.environment, **more.pop("environment", {}))
        return subprocess.run(
            [os.path.join(self.lab, "lab"), *words], cwd=more.pop("cwd", self.lab), env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=120, check=False, **more)

    def run_part(self, script, **more):
        """Runs a script that has read all parts of lab."""
        parts = "own_folder packages optional build suite lessons check doctor bare"
        begin = f'set -euo pipefail; here=$PWD; for part in {parts}; do . "tools/$part.sh"; done\n'
        return subprocess.run(
            ["bash", "-c", begin + script], cwd=self.lab, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False, **more)
