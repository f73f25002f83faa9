"""What a student sees of a case that has failed: its steps, the first wrong byte, a line to repeat it by hand."""
import os
import subprocess
import sys
import tempfile
import unittest

LAB = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(LAB, "tools/grade"))
import transcript  # noqa: E402
from transcript import Step, Transcript  # noqa: E402


def sent(data, actor="connection", at=0.1):
    return Step(at, actor, "sends", len(data), data)


def listening(port="7000"):
    data = f"listening on 127.0.0.1:{port}\n".encode()
    return Step(0.0, "server", "prints", len(data), data)


class TheSteps(unittest.TestCase):
    def test_a_step_is_read_with_all_its_bytes(self):
        step = transcript.parse("0.125\tconnection 2\tsends\t3:610aff\n")
        self.assertEqual((step.seconds, step.actor, step.action, step.size, step.data),
                         (0.125, "connection 2", "sends", 3, b"a\n\xff"))

    def test_a_line_that_was_cut_is_left_out(self):
        for line in ("", "0.1\tconnection", "0.1\tconnection\tsends\t3:6", "x\ty\tz\t0:"):
            self.assertIsNone(transcript.parse(line))

    def test_no_control_character_gets_out(self):
        text = transcript.visible(b"\x1b[2J\r\n\x00\xc2\x9b\xe2\x80\xae\xff")
        self.assertTrue(text.isprintable())
        self.assertIn("\\x1b[2J\\r\\n\\x00\\xc2\\x9b", text)

    def test_pieces_of_one_answer_are_one_step(self):
        steps = [Step(0.1, "connection", "receives", 1, b"a"), Step(0.2, "connection", "receives", 1, b"b")]
        self.assertEqual(transcript.rows(Transcript(steps)), ['  1    0.10 s  connection ← 2 bytes "ab"'])

    def test_a_long_case_shows_how_it_begins_and_ends(self):
        rows = transcript.rows(Transcript([sent(b"%d" % number, f"connection {number}") for number in range(50)]))
        self.assertEqual(len(rows), transcript.MAX_STEPS)
        self.assertIn('"0"', rows[0])
        self.assertIn('"49"', rows[-1])


class AFlood(unittest.TestCase):
    def test_a_program_that_prints_without_end_makes_no_endless_transcript(self):
        build = os.environ.get("LAB_BUILD", os.path.join(LAB, "build"))
        with tempfile.TemporaryDirectory() as folder:
            program, notes = os.path.join(folder, "01_tcp_echo"), os.path.join(folder, "notes")
            with open(program, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nhead -c 500000000 /dev/zero >&2\n")
            os.chmod(program, 0o755)
            subprocess.run([os.path.join(build, "tests/01_tcp_echo_contract"), "--test-case=server echoes a line"],
                           env=dict(os.environ, LAB_BIN=folder, LAB_TRANSCRIPT=notes), stdout=subprocess.DEVNULL, check=False)
            self.assertLess(os.path.getsize(notes), 20 * 1024**2)
            self.assertTrue(Transcript.read(notes).failure)


class TheFirstWrongByte(unittest.TestCase):
    def caret(self, expected, got):
        rows = transcript.first_difference(expected, got)
        return rows[0], rows[1], rows[2].index("^"), rows[2].split("^ ")[1]

    def test_the_caret_stands_under_it(self):
        wanted, came, column, place = self.caret(b"hello\n", b"hallo\n")
        self.assertEqual((wanted[column], came[column], place), ("e", "a", "byte 2"))

    def test_the_caret_stands_behind_what_is_too_short(self):
        wanted, came, column, place = self.caret(b"hello\n", b"hello")
        self.assertEqual((wanted[column:column + 2], came[column], place), ("\\n", '"', "byte 6"))

    def test_characters_of_several_bytes_are_one_column(self):
        wanted, came, column, _ = self.caret("Привіт!".encode(), "Привіт?".encode())
        self.assertEqual((wanted[column], came[column]), ("!", "?"))

    def test_a_late_difference_is_shown_from_shortly_before(self):
        wanted, came, column, place = self.caret(b"x" * 5000 + b"a", b"x" * 5000 + b"b")
        self.assertEqual((wanted[column], came[column], place), ("a", "b", "byte 5001"))
        self.assertLess(len(wanted), 100)


class ByHand(unittest.TestCase):
    def test_bash_prints_exactly_these_bytes(self):
        data = bytes(range(256)) + "'Привіт' 100 % \\n".encode()
        words = transcript.printf(data)
        self.assertEqual(subprocess.run(["bash", "-c", f"printf {words}"], stdout=subprocess.PIPE).stdout, data)

    def test_the_line_names_the_port_that_the_server_has_said(self):
        line = transcript.by_hand(Transcript([listening(), sent(b"a\n"), sent(b"b\n")]))
        self.assertEqual(line, r"printf 'a\nb\n' | nc -w 2 127.0.0.1 7000")

    def test_a_half_close_is_the_end_of_the_input_of_nc(self):
        line = transcript.by_hand(Transcript([listening(), sent(b"a"), Step(1, "connection", "half-closes", 0, b"")]))
        self.assertIn("nc -N ", line)

    def test_a_datagram_goes_by_udp(self):
        self.assertIn("nc -u ", transcript.by_hand(Transcript([listening(), sent(b"a", "socket")])))

    def test_there_is_none_for_what_nobody_would_type(self):
        for steps in ([listening(), sent(b"a"), sent(b"b", "connection 2")], [sent(b"a")],
                      [listening(), Step(0, "connection", "sends", 70000, b"x" * 4096)]):
            self.assertIsNone(transcript.by_hand(Transcript(steps)))


if __name__ == "__main__":
    unittest.main()
