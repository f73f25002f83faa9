"""What lab does about what is missing: it installs, or says how; and nothing is started by that."""
import os
import sys
import unittest

from front_door import ROOT, FrontDoor

sys.path.append(os.path.join(ROOT, "tests", "lessons"))
import needs  # noqa: E402

# Ubuntu's and Debian's: what is installed there is a stub afterwards.
ROOT_ID = 'case "$*" in -u) echo 0 ;; *) echo root ;; esac'
USER_ID = 'case "$*" in -u) echo 1000 ;; *) echo ada ;; esac'


class Packages(FrontDoor):
    def test_says_how_to_install_where_there_is_no_apt_get(self):
        result = self.run_lab("run", "01", "server")
        self.assertEqual(result.returncode, 1)
        self.assertIn("lab: missing here: a C++ compiler, CMake, Ninja, libwebsockets, doctest", result.stdout)
        self.assertIn("Fedora           sudo dnf install gcc-c++ cmake", result.stdout)

    def test_no_install_leaves_the_machine_alone(self):
        self.stub("apt-get")
        self.stub("id", ROOT_ID)
        for words in (["--no-install", "run", "01", "server"], ["run", "--no-install", "01", "server"],
                      ["test", "--no-install"], ["tour", "--no-install"], ["cert", "--no-install"],
                      ["check", "--no-install"], ["lessons", "--no-install"]):
            with self.subTest(words=words):
                result = self.run_lab(*words)
                self.assertEqual(result.returncode, 1, result.stdout)
                self.assertIn("lab: missing here: ", result.stdout)
                self.assertEqual(self.calls("apt-get"), [])
        result = self.run_lab("run", "01", "server", environment={"LAB_NO_INSTALL": "1"})
        self.assertEqual((result.returncode, self.calls("apt-get")), (1, []))

    def test_no_install_behind_a_program_is_the_programs(self):
        self.build_tools()
        os.makedirs(os.path.join(self.lab, "build/bin"))
        with open(os.path.join(self.lab, "build/bin/01_tcp_echo"), "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\necho "$@"\n')
        os.chmod(file.name, 0o755)
        result = self.run_lab("run", "01", "server", "--no-install")
        self.assertIn("server --no-install", result.stdout.splitlines())

    def test_the_broker_is_redis_or_valkey_in_a_version_that_the_servers_can_use(self):
        self.assertNotEqual(self.run_part("broker_program").returncode, 0)
        self.stub("redis-server", "echo 'Redis server v=6.0.16 sha=00000000:0'")
        self.assertNotEqual(self.run_part("broker_program").returncode, 0)
        self.stub("valkey-server", "echo 'Valkey server v=8.1.1 sha=00000000:0'")
        self.assertEqual(self.run_part("broker_program").stdout, "valkey-server\n")
        self.stub("redis-server", "echo 'Redis server v=7.0.15 sha=00000000:0'")
        self.assertEqual(self.run_part("broker_program").stdout, "redis-server\n")

    def test_root_installs_without_sudo_and_the_pages_of_apt_go_to_a_log(self):
        self.stub("id", ROOT_ID)
        self.stub("apt-get", "echo a page of apt")
        result = self.run_part("apt_install g++ ninja-build")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertNotIn("a page of apt", result.stdout)
        self.assertIn("a page of apt", self.read("tmp/lab-root/apt.log"))
        self.assertRegex(self.calls("apt-get")[-1], "install .*g\\+\\+ ninja-build$")

    def test_a_user_installs_by_sudo(self):
        self.stub("id", USER_ID)
        self.stub("sudo", '[ "$1" = -v ] || exec "$@"')
        self.stub("apt-get")
        self.assertEqual(self.run_part("may_install && apt_install g++").returncode, 0)
        self.assertTrue(any("apt-get" in call for call in self.calls("sudo")))
        self.assertEqual(len(self.calls("apt-get")), 2)

    def test_a_user_without_sudo_is_told_the_commands(self):
        self.stub("id", USER_ID)
        self.stub("sudo", "exit 1")
        self.stub("apt-get")
        result = self.run_lab("tour")
        self.assertEqual(result.returncode, 1)
        self.assertIn("sudo apt-get install g++ cmake ninja-build", result.stdout)
        self.assertEqual(self.calls("apt-get"), [])

    def test_a_package_that_a_release_does_not_have_stops_no_other(self):
        self.stub("id", ROOT_ID)
        self.stub("apt-get", 'case "$*" in *install*node-ws*) exit 100 ;; *install*curl*) touch "$HOME/curl" ;; esac')
        result = self.run_part("apt_install curl node-ws xxd || echo status $?")
        self.assertTrue(os.path.exists(os.path.join(self.tmp, "curl")))
        self.assertIn("lab: could not be installed: node-ws; apt-get says why in ", result.stdout)
        self.assertIn("/lab-root/apt.log", result.stdout)
        self.assertIn("status 1", result.stdout)

    def test_no_service_is_started_and_what_was_set_before_comes_back(self):
        policy = self.environment["LAB_POLICY"]
        self.stub("id", ROOT_ID)
        self.stub("apt-get", f'"{policy}" nginx start; echo "$?" >>"$HOME/policy"')
        self.assertEqual(self.run_part("apt_install nginx-light").returncode, 0)
        self.assertEqual(set(self.read("tmp/policy").split()), {"101"})
        self.assertFalse(os.path.exists(policy))
        with open(policy, "w", encoding="utf-8") as file:
            file.write("of the machine")
        self.assertEqual(self.run_part("apt_install nginx-light").returncode, 0)
        self.assertEqual(self.read("policy-rc.d"), "of the machine")

    def test_what_shows_figures_needs_python_and_the_tour_only_where_it_may_be_installed(self):
        self.build_tools()
        os.remove(os.path.join(self.bin, "python3"))
        self.run_lab("build")
        for words in (["compare"], ["bench", "01"]):
            result = self.run_lab("--no-install", *words)
            self.assertEqual(result.returncode, 1)
            self.assertIn("lab: missing here: Python\n", result.stdout)
        self.assertNotIn("missing here", self.run_lab("--no-install", "tour").stdout)
        self.stub("id", ROOT_ID)
        self.stub("apt-get")
        self.run_lab("tour", "01")
        self.assertEqual(self.calls("apt-get"), [])
        self.run_lab("tour")
        self.assertRegex(self.calls("apt-get")[-1], "install .*python3$")

    def test_what_is_optional_is_named_and_does_not_stop_the_tests(self):
        self.build_tools()
        result = self.run_part("need_test_tools 01_tcp_echo; echo went on")
        self.assertIn("missing: nc (Debian: netcat-openbsd)", result.stdout)
        self.assertNotIn("chromium", result.stdout)
        self.assertTrue(result.stdout.endswith("went on\n"), result.stdout)

    def test_the_lessons_know_all_that_lab_installs_and_no_other_library(self):
        listed = dict(line.split("|")[0:3:2] for line in self.run_part("optional_tools").stdout.splitlines())
        self.assertEqual(listed, needs.optional_tools())
        self.assertLessEqual(needs.LIBRARIES, set(listed))


class TooOld(FrontDoor):
    def test_an_older_cmake_is_told_in_one_sentence(self):
        self.build_tools()
        for version, old in (("3.22.1", True), ("3.24.9", True), ("3.25.0", False), ("3.31.6", False), ("4.0.1", False)):
            with self.subTest(version=version):
                self.stub("cmake", CMAKE_SAYS.format(version))
                result = self.run_lab("tour", environment={})
                told = f"lab: CMake {version} is too old, it has to be 3.25 or later; Debian 12, Ubuntu 24.04 "
                self.assertEqual(told in result.stdout, old, result.stdout)

    def test_an_older_compiler_is_told_in_one_sentence(self):
        self.build_tools()
        for macros, told in (("__clang_major__ 11", "GCC 11 is too old"), ("13 4", "Clang 13 is too old"),
                             ("__clang_major__ 12", ""), ("14 4", "")):
            with self.subTest(macros=macros):
                self.stub("c++", f"echo {macros}")
                said = self.run_part("too_old").stdout
                self.assertEqual(bool(said), bool(told), said)
                self.assertIn(told, said)


CMAKE_SAYS = 'case "$*" in --version) echo "cmake version {0}" ;; *) exit 1 ;; esac'


class Doctor(FrontDoor):
    def test_ends_with_1_where_something_required_is_missing(self):
        self.stub("apt-get")
        result = self.run_lab("doctor")
        self.assertEqual(result.returncode, 1)
        self.assertIn("missing: Python, a C++ compiler, CMake", result.stdout)
        self.assertIn("missing: curl (Debian: curl): HTTP by hand", result.stdout)
        self.assertEqual(self.calls("apt-get"), [])

    def test_ends_with_0_where_only_what_is_optional_is_missing(self):
        self.build_tools()
        result = self.run_lab("doctor")
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("all there: stub c++ 12.2", result.stdout)
        self.assertIn("missing: strace", result.stdout)


if __name__ == "__main__":
    unittest.main()
