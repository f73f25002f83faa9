"""`./lab run STEP server --wire`: a page that shows the wire, and that is gone with the program."""
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

from front_door import ROOT

DEADLINE = 20  # seconds


@unittest.skipUnless(os.path.exists(os.path.join(ROOT, "build/bin/wire")), "`./lab build` has not built it")
class Wire(unittest.TestCase):
    def test_the_page_shows_a_message_and_ends_with_the_program_at_control_c(self):
        folder = tempfile.TemporaryDirectory(prefix="lab-wire-test.")
        self.addCleanup(folder.cleanup)
        # A group of its own gets Ctrl-C, as the programs of a terminal do.
        lab = subprocess.Popen(["./lab", "run", "01", "server", "--port", "0", "--wire"], cwd=ROOT, text=True,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env={**os.environ, "TMPDIR": folder.name, "LAB_NO_INSTALL": "1"}, start_new_session=True)
        self.addCleanup(self.end, lab)
        port = int(lab.stdout.readline().rpartition(":")[2])
        page = next(found[1] for line in lab.stderr if (found := re.search(r"see the wire: (http://\S+)", line)))
        with socket.create_connection(("127.0.0.1", port), timeout=DEADLINE) as client:
            client.sendall(b"hello\n")
            self.assertEqual(client.recv(100), b"hello\n")
        request = urllib.request.Request(f"{page}events", headers={"Last-Event-ID": "0"})
        with urllib.request.urlopen(request, timeout=DEADLINE) as events:
            self.assertTrue(any(b"hello" in line for line in events))
        os.killpg(lab.pid, signal.SIGINT)
        self.assertEqual(lab.wait(DEADLINE), 0)
        limit = time.monotonic() + DEADLINE
        while list(pathlib.Path(folder.name).glob("*/*.pcapng*")) or self.answers(page):
            self.assertLess(time.monotonic(), limit, "the page, or its file, is still there")
            time.sleep(0.05)

    def answers(self, page):
        host, port = re.search(r"//(.*):(\d+)/", page).groups()
        with socket.socket() as client:
            return client.connect_ex((host, int(port))) == 0

    def end(self, lab):
        if lab.poll() is None:
            os.killpg(lab.pid, signal.SIGKILL)
        lab.communicate()


if __name__ == "__main__":
    unittest.main()
