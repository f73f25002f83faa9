"""How `lab tour` builds: the first program, then the others behind the scenes."""
import os
import shutil
import signal
import subprocess
import time
import unittest

from front_door import FrontDoor

# Builds what it is told by making a file of its name; waits for as long as a file says so.
NINJA = """case " $* " in
    *" -n "*) [ ! -e "${@: -1}" ] || echo "ninja: no work to do." ;;
    *) while [ -e "hold.$1" ]; do sleep 0.02; done
       [ ! -e "bad.$1" ] || { echo "$1.cpp:7: error: expected ';'"; exit 1; }
       touch "$1" ;;
esac"""


class Tour(FrontDoor):
    def setUp(self):
        super().setUp()
        self.build_tools()
        self.stub("ninja", NINJA)
        for program in ("01_tcp_echo", "02_threaded_chat", "compare", "wire"):
            os.makedirs(os.path.join(self.lab, program), exist_ok=True)
            self.write(f"{program}/tour.sh", "title 'a scene'\n")
        os.mkdir(os.path.join(self.lab, "build"))
        self.write("build/build.ninja", "")

    def start(self):
        return subprocess.Popen([os.path.join(self.lab, "lab"), "tour"], env=self.environment, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def scratch(self):
        """The folders that the tour has made and not removed."""
        folder = os.path.join(self.tmp, os.listdir(self.tmp)[0])
        return os.listdir(folder)

    def test_the_first_scene_is_played_before_the_next_program_is_built(self):
        self.write("build/hold.02_threaded_chat", "")
        with self.start() as tour:
            lines = iter(tour.stdout.readline, "")
            self.assertTrue(any("== 01_tcp_echo: a scene ==" in line for line in lines))
            os.remove(os.path.join(self.lab, "build/hold.02_threaded_chat"))
            rest = tour.stdout.read()
        self.assertEqual(tour.returncode, 0)
        self.assertIn("== 02_threaded_chat: a scene ==", rest)
        self.assertIn("== compare: a scene ==", rest)
        self.assertEqual(self.scratch(), [])

    def test_a_program_that_does_not_compile_ends_the_tour_with_what_the_compiler_says(self):
        self.write("build/bad.02_threaded_chat", "")
        with self.start() as tour:
            shown = tour.stdout.read()
        self.assertEqual(tour.returncode, 1)
        self.assertIn("== 01_tcp_echo: a scene ==", shown)
        self.assertIn("02_threaded_chat.cpp:7: error: expected ';'", shown)
        self.assertIn("02_threaded_chat could not be built", shown)
        self.assertNotIn("== compare", shown)

    def test_a_signal_leaves_nothing_running(self):
        self.write("build/hold.02_threaded_chat", "")
        self.write("01_tcp_echo/tour.sh", "title 'a scene'\nuntil pgrep_builder; do sleep 0.02; done\nprintf 'builds\\n'\n"
                   .replace("pgrep_builder", f'grep -q "^ninja 02" "{self.folder}/calls"'))
        with self.start() as tour:
            lines = iter(tour.stdout.readline, "")
            self.assertTrue(any("builds" in line for line in lines))
            tour.send_signal(signal.SIGTERM)
            # The stub has the pipe too: the end of the output is the end of all.
            tour.stdout.read()
        self.assertNotEqual(tour.returncode, 0)
        self.assertEqual(self.scratch(), [])
        deadline = time.monotonic() + 10
        while self.still_runs() and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertEqual(self.still_runs(), [])

    def still_runs(self):
        """The processes of this copy of the lab, where the machine can list them."""
        if not shutil.which("ps"):
            return []
        listing = subprocess.run(["ps", "-A", "-o", "pid=,args="], stdout=subprocess.PIPE, text=True, check=True)
        return [line for line in listing.stdout.splitlines() if self.folder in line]


if __name__ == "__main__":
    unittest.main()
