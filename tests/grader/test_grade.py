"""`./lab grade 01` where there is nothing to grade, where a server runs already, and what it records."""
import os
import struct
import subprocess
import unittest

from graded import BUILD, ECHO, Folder, grade


def packets(file):
    """(is it sent, its bytes behind the headers of IPv4 and TCP) for each packet of the captures in the file."""
    with open(file, "rb") as opened:
        data = opened.read()
    while data:
        kind, length = struct.unpack_from("<II", data)
        block, data = data[:length], data[length:]
        if kind == 6:
            size = struct.unpack_from("<I", block, 20)[0]
            flags = struct.unpack_from("<I", block, 28 + (size + 3) // 4 * 4 + 4)[0]
            segment = block[48:28 + size]
            yield flags == 2, segment[segment[12] // 16 * 4:]


class WhatIsRecorded(Folder):
    def record(self, target, *options):
        """What is printed, and what was sent and received in all."""
        text = grade(target, "--level", "basic", "--patience", "1", "--capture", self.path("x.pcapng"), *options)[1]
        sides = {True: b"", False: b""}
        for is_sent, payload in packets(self.path("x.pcapng")):
            sides[is_sent] += payload
        return text, sides[True], sides[False]

    def test_the_case_that_matters_next(self):
        text, sent, received = self.record(self.wrong("strips"), "--role", "server", "--case", "server echoes a line", "--next")
        self.assertIn("Next: server echoes a line", text)
        self.assertIn(f'{self.path("x.pcapng")} holds what "server echoes a line" has sent and received.\n', text)
        self.assertEqual((sent, received), (b"hello\n", b"hello"))

    def test_a_case_that_passes_and_our_server_beside_a_client(self):
        # The server's last bytes may be missing: the case ends the server once the client has them.
        text, sent, received = self.record(os.path.join(BUILD, "bin/01_tcp_echo"), "--role", "client", "--case", "prints the echo",
                                           "--patience", "10")
        self.assertIn('holds what "client prints the echo of each line" has sent and received.', text)
        self.assertEqual(received, "hello\nПривіт 👋\n".encode())
        self.assertTrue(received.startswith(sent))

    def test_a_file_that_cannot_be_written_is_bad_usage(self):
        code, text = grade(ECHO, "--capture", self.path("none/x.pcapng"))
        self.assertEqual(code, 2)
        self.assertIn("No such file or directory", text)


class WhatCannotStart(Folder):
    def test_each_is_told_in_one_sentence(self):
        self.expect(self.path("nothing"), f"there is no {self.path('nothing')}")
        self.expect(self.write("plain.py", "print('x')\n", 0o644), "begin the file with #!/usr/bin/env python3")
        self.expect(self.write("script.py", "print('x')\n"), "a first line that names its interpreter")
        self.expect(self.write("dos.py", "#!/usr/bin/env python3\r\n"), "ends with CR LF")
        self.expect(self.write("lost", "#!/no/such/python\n"), "an interpreter that is not there: /no/such/python")

    def test_a_folder_holds_one_program(self):
        self.expect(self.folder, "holds no program")
        self.write("a", "#!/bin/sh\n")
        self.write("b", "#!/bin/sh\n")
        self.expect(self.folder, "several programs: a, b. Name one of them")

    def test_an_address_at_which_nothing_listens(self):
        self.expect("tcp://127.0.0.1:1", "nothing accepts connections at tcp://127.0.0.1:1")
        self.expect("tcp://127.0.0.1", "names no port")


class WhatDoesNotListen(Folder):
    def test_the_reason_is_named_and_the_cases_wait(self):
        for mistake, words in (("crashes", "before it listened, `echo-crashes server --port 0` ended with exit status 1."),
                               ("leaves", "after it had printed that it listens, `echo-leaves server --port 0` ended with exit status 3."),
                               ("buffered", "flush stdout"),
                               ("stderr", "came on stderr: print it on stdout"),
                               ("port", "but nothing accepts connections there: it listens on port")):
            with self.subTest(mistake=mistake):
                text = self.expect(self.wrong(mistake), words, "--role", "server", "--level", "basic")
                self.assertNotIn("Next: ", text)
                self.assertIn("0 of", text)
                self.assertNotRegex(text, r"\.\s*\.")


class ARunningServer(Folder):
    def test_it_is_graded_where_it_runs(self):
        server = subprocess.Popen([ECHO, "server", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        port = server.stdout.readline().rpartition(":")[2].strip()
        text = self.expect(f"tcp://127.0.0.1:{port}", "All passed", "--role", "server", "--level", "basic", status=0)
        self.assertNotIn("skipped", text)
        self.expect(f"tcp://127.0.0.1:{port}", "the server runs already, and the case has to start or stop it",
                    "--level", "robust", "--case", "SIGTERM", "--role", "server", status=3)
        # Whatever the cases have done, it runs on.
        self.assertIsNone(server.poll())


if __name__ == "__main__":
    unittest.main()
