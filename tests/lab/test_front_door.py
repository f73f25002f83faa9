"""Where lab stands, what it builds, and how it says what is wrong."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from front_door import NINJA, ROOT, FrontDoor

# The kinds of tests: tests/ROOM/KIND holds the sources of one test program.
KINDS = ("contract", "unit", "browser", "memory")

# Prints its progress for a hundred files, and what a compiler says about one of them.
SLOW_NINJA = """case " $* " in
    *" -n "*) exit 0 ;;
    *) for at in {1..100}; do
           status=${NINJA_STATUS//%f/$at}
           echo "${status//%t/100}Building CXX object x.o"
           [ $at != 42 ] || echo 'x.cpp:7: warning: this is not good'
       done
       exit $FAILS ;;
esac"""


def copy_of_the_lab(name):
    folder = os.path.join(os.path.realpath(tempfile.mkdtemp(prefix="lab-door.")), name)
    left_out = shutil.ignore_patterns("build*", ".git", "__pycache__", "lab-*")
    shutil.copytree(ROOT, folder, ignore=left_out)
    return folder


class Place(FrontDoor):
    def test_a_folder_with_brackets_in_its_name_has_all_its_tests(self):
        folder = copy_of_the_lab("lab [1]")
        self.addCleanup(shutil.rmtree, os.path.dirname(folder))
        subprocess.run(["cmake", "--preset", "default"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(folder, "build/tests/cases.cmake"), encoding="utf-8") as file:
            registered = set(re.findall(r'\nregister_tests\("[^"]*/([^"/]*)"', file.read()))
        with open(os.path.join(folder, "build/build.ninja"), encoding="utf-8") as file:
            built = set(re.findall(r"^build tests/CMakeFiles/\S*/(\w+/(?:" + "|".join(KINDS) + r")/\S*)\.o:",
                                   file.read(), re.MULTILINE))
        tests = pathlib.Path(ROOT, "tests")
        written = {path.relative_to(tests) for path in tests.glob("*/*/**/*.cpp")
                   if path.relative_to(tests).parts[1] in KINDS}
        self.assertGreater(len(written), 100)
        self.assertEqual(built, set(map(str, written)))
        self.assertEqual(registered, {"_".join(path.parts[:2]) for path in written} - {"common_contract"})

    def test_a_seed_that_is_no_number_is_bad_usage(self):
        for words in (["--seed", "x"], ["--seed"]):
            result = self.run_lab("check", "rooms", *words)
            self.assertEqual(result.returncode, 2)
            self.assertIn("lab: check: --seed wants a number", result.stdout)

    def test_cdpath_does_not_print_into_what_lab_prints(self):
        self.stub("openssl")
        result = self.run_lab("cert", "there", environment={"CDPATH": "."})
        folder = os.path.join(self.lab, "there")
        self.assertEqual(result.stdout, f"--cert {folder}/cert.pem --key {folder}/key.pem\n")

    def test_a_build_folder_that_may_not_be_written_is_said_in_one_sentence(self):
        self.build_tools()
        self.stub("ninja", "exit 1")
        more = {}
        if os.geteuid() == 0:
            more = {"user": 65534, "group": 65534, "extra_groups": []}
        else:
            os.chmod(self.lab, 0o555)
            self.addCleanup(os.chmod, self.lab, 0o755)
        result = self.run_lab("run", "01", "server", **more)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, f"lab: you may not write to {self.lab}/build: build in a clone of your own, "
                                        "or set the folder right\n")

    def test_a_build_folder_that_was_made_elsewhere_is_said_in_one_sentence(self):
        self.build_tools()
        os.mkdir(os.path.join(self.lab, "build"))
        self.write("build/CMakeCache.txt", "CMAKE_HOME_DIRECTORY:INTERNAL=/gone\n")
        result = self.run_lab("run", "01", "server")
        self.assertEqual(result.returncode, 1)
        self.assertTrue(result.stdout.startswith("lab: build was made for /gone, and the lab is in "), result.stdout)

    def test_a_planted_link_is_no_folder_of_ones_own(self):
        self.stub("id", "echo ada")
        os.symlink(self.lab, os.path.join(self.tmp, "lab-ada"))
        result = self.run_lab("scratch")
        self.assertEqual(result.returncode, 1)
        self.assertIn("is not a folder of your own", result.stdout)
        os.remove(os.path.join(self.tmp, "lab-ada"))
        result = self.run_lab("scratch")
        self.assertEqual(result.stdout, os.path.join(self.tmp, "lab-ada") + "\n")
        self.assertEqual(os.stat(result.stdout.strip()).st_mode & 0o777, 0o700)


class Building(FrontDoor):
    def build_slowly(self, fails):
        self.build_tools()
        self.stub("ninja", SLOW_NINJA.replace("$FAILS", str(fails)))
        return self.run_lab("run", "01", "server")

    def test_progress_without_a_terminal_is_a_line_for_each_tenth(self):
        lines = self.build_slowly(fails=0).stdout.splitlines()
        self.assertEqual([line for line in lines if line.startswith("lab: built ")],
                         [f"lab: built {tenth}0 of 100" for tenth in range(1, 11)])
        self.assertIn("x.cpp:7: warning: this is not good", lines)
        self.assertFalse(any("Building CXX" in line for line in lines))

    def test_what_does_not_compile_ends_with_1_and_says_so(self):
        result = self.build_slowly(fails=1)
        self.assertEqual(result.returncode, 1)
        self.assertIn("x.cpp:7: warning: this is not good", result.stdout)
        self.assertTrue(result.stdout.endswith("lab: build: it does not compile; the compiler says above why\n"))

    def test_a_command_builds_only_its_own_program(self):
        self.build_tools()
        self.stub("ninja", "[[ \" $* \" != *' -n '* ]]")
        self.run_lab("run", "01", "server")
        self.assertIn("ninja 01_tcp_echo", self.calls("ninja"))

    def test_a_second_build_waits_for_the_first_and_says_so(self):
        self.build_tools()
        self.stub("ninja", '[[ " $* " != *" -n "* ]] || [ -e built ]')
        os.mkdir(os.path.join(self.lab, "build"))
        script = """
            exec 8>build/lab.lock
            lock 8 nobody
            exec 7< <(exec 8>build/lab.lock; lock 8 "another builds" 2>&1; echo second)
            read -r -u 7 waiting
            echo "$waiting"
            echo first
            exec 8>&-
            cat <&7
        """
        result = self.run_part(script)
        self.assertEqual(result.stdout.splitlines(), ["lab: waiting: another builds", "first", "second"])

    def test_tests_start_python_itself_and_not_a_script_before_it(self):
        real = os.path.join(self.folder, "real")
        os.mkdir(real)
        os.symlink("/bin/true", os.path.join(real, "python3"))
        for says, path in ((f"echo {real}/python3", real + ":"), (f"echo {self.bin}/python3", ""), ("exit 1", "")):
            self.stub("python3", says)
            self.assertEqual(self.run_part('echo "$PATH" >was; path_to_python; cat was').stdout.splitlines()[0],
                             path + self.environment["PATH"], says)

    def test_nothing_is_asked_for_where_all_is_built(self):
        self.build_tools()
        os.makedirs(os.path.join(self.lab, "build/bin"))
        self.write("build/build.ninja", "")
        self.stub("ninja", NINJA)
        self.run_lab("run", "01", "server")
        self.assertEqual((self.calls("c++"), self.calls("cmake")), ([], []))


class Compilers(FrontDoor):
    def test_the_oldest_and_the_newest_that_are_not_the_default(self):
        for name, version in (("c++", 12), ("g++", 12), ("g++-9", 9), ("g++-12", 12), ("g++-13", 13), ("g++-14", 14),
                              ("clang++", 140), ("clang++-14", 140)):
            self.stub(name, f"echo {version}")
        result = self.run_part("other_compilers")
        self.assertEqual(result.stdout.split(), ["g++-9", "g++-14", "clang++-14"])


if __name__ == "__main__":
    unittest.main()
