"""Whether the grader waits for a server's first line as long as the machine needs."""
import contextlib
import os
import select
import subprocess
import sys
import tempfile
import time
import unittest
from unittest import mock

LAB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(LAB, "tools/grade"))
import supervise  # noqa: E402
import target  # noqa: E402

SERVER = """
import socket, time
listener = socket.create_server(("127.0.0.1", 0))
"""
LATE = SERVER + """
time.sleep(2)
print("listening", flush=True)
"""
SILENT = SERVER + """
time.sleep(600)
"""
#: A busy machine takes many seconds to start a Python.
MOST_SECONDS = 60


class FirstLine(unittest.TestCase):
    def read_of(self, program, load):
        """What is read of a server that listens, on a machine with this load."""
        if not os.path.isdir("/proc/self"):
            self.skipTest("/proc is missing")
        command = supervise.command(MOST_SECONDS, [sys.executable, "-c", program])
        with tempfile.TemporaryDirectory() as folder, \
                subprocess.Popen(command, stdout=subprocess.PIPE, cwd=folder) as server, \
                mock.patch("os.getloadavg", lambda: (load * (os.cpu_count() or 1), 0, 0)):
            with contextlib.closing(server.stdout):
                line = target.first_line(server, time.monotonic() + MOST_SECONDS, "tcp")
            server.terminate()
        return line

    def test_one_that_prints_nothing_is_given_up_soon(self):
        begin = time.monotonic()
        self.assertEqual(self.read_of(SILENT, 1), b"")
        self.assertLess(time.monotonic() - begin, MOST_SECONDS)

    def test_a_line_that_is_there_counts_although_we_look_late(self):
        with subprocess.Popen(["echo", "listening"], stdout=subprocess.PIPE) as server, contextlib.closing(server.stdout):
            server.wait()
            self.assertEqual(target.first_line(server, time.monotonic() - 1, "tcp"), b"listening\n")

    def test_on_a_busy_machine_it_has_longer(self):
        self.assertEqual(self.read_of(LATE, 10), b"listening\n")


class Gate(unittest.TestCase):
    def test_a_grader_that_is_late_finds_the_server_still_there(self):
        first_line = target.first_line

        def late(server, *others):
            # The server is there and has printed its line, or it has been ended already.
            select.select([server.stdout], [], [], MOST_SECONDS)
            time.sleep(2)
            return first_line(server, *others)

        program = target.Program(os.path.join(LAB, "tests/grader/programs/echo.py"), "01_tcp_echo")
        self.addCleanup(program.close)
        with mock.patch.object(target, "START_SECONDS", -4), mock.patch.object(target, "first_line", late):
            self.assertGreater(target.gate(program), 2)


if __name__ == "__main__":
    unittest.main()
