"""The container in .devcontainer/ has the packages that the lab itself would install: compared as text."""
import json
import os
import re
import subprocess
import unittest

from front_door import ROOT

#: In the container, but installed by nobody: a bare image has no certificates for git, and no git.
BESIDE = {"ca-certificates", "git"}
# Every need() of the tools, as where nothing is there; then each line of the optional tools.
PACKAGES = """. tools/packages.sh; . tools/optional.sh
command() { return 1; }; has_header() { return 1; }; clang++() { return 1; }
list_build_tools; need_python; list_check_tools
printf '%s\\n' "${debian[@]}"; optional_tools | cut -d'|' -f3 | tr ' ' '\\n'"""


def text(name):
    with open(os.path.join(ROOT, ".devcontainer", name), encoding="utf-8") as file:
        return file.read()


class Container(unittest.TestCase):
    def test_it_has_each_package_that_the_lab_would_install_and_no_other(self):
        wanted = subprocess.run(["bash", "-c", PACKAGES], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
        self.assertIn("g++", wanted)
        self.assertIn("chromium", wanted)
        install = re.search(r"--no-install-recommends \\\n(.*?)&& rm", text("Dockerfile"), re.DOTALL)[1]
        self.assertEqual(sorted(install.replace("\\", "").split()), sorted({*wanted, *BESIDE}))

    def test_the_editor_finds_it(self):
        about = json.loads(text("devcontainer.json"))
        self.assertEqual(about["build"]["dockerfile"], "Dockerfile")
        self.assertRegex(text("Dockerfile"), r"(?m)^FROM debian:stable$")


if __name__ == "__main__":
    unittest.main()
