"""What a page shows, compared with what came, and updated."""
import unittest

import page


class Comparing(unittest.TestCase):
    def test_lines_have_to_be_the_same(self):
        self.assertTrue(page.fits(["a.b", ""], ["a.b", ""]))
        self.assertFalse(page.fits(["a.b"], ["axb"]))
        self.assertFalse(page.fits(["a"], ["a", "b"]))
        self.assertFalse(page.fits(["a", "b"], ["a"]))
        self.assertTrue(page.fits([], []))
        self.assertFalse(page.fits([], ["a"]))

    def test_a_number_in_the_marks_stands_for_numbers_alone(self):
        self.assertTrue(page.fits(["port ‹55146›, ‹0.5› s"], ["port 7, 12.25 s"]))
        self.assertFalse(page.fits(["port ‹55146›"], ["port x"]))
        self.assertFalse(page.fits(["port ‹55146›"], ["port "]))
        self.assertTrue(page.fits(["‹5›"], ["-5"]))
        self.assertTrue(page.fits(["VmRSS: ‹   6116› kB"], ["VmRSS: 16116 kB"]))

    def test_a_row_of_numbers_in_the_marks_stands_for_as_many_numbers(self):
        row = "raw ‹0.17   49.1  16 740›"
        self.assertTrue(page.fits([row], ["raw  12.5  3  49 767"]))
        for other in ("raw 1  2", "raw 1  2  3  4", "raw 1  2  x", "raw 1 2 3"):
            self.assertFalse(page.fits([row], [other]), other)
        self.assertTrue(page.fits(["key ‹01 02 03 04›"], ["key a1 02 03 04"]))

    def test_a_text_in_the_marks_stands_for_anything_in_the_line(self):
        self.assertTrue(page.fits(["real ‹0m0.1s›"], ["real 1m2s"]))
        self.assertTrue(page.fits(["ms‹ (late)›"], ["ms"]))
        self.assertFalse(page.fits(["a‹ (late)›b"], ["a", "b"]))

    def test_three_dots_alone_stand_for_any_number_of_lines(self):
        self.assertTrue(page.fits(["a", "…", "z"], ["a", "z"]))
        self.assertTrue(page.fits(["a", "…", "z"], ["a", "b", "c", "z"]))
        self.assertFalse(page.fits(["a", "…", "z"], ["a", "b"]))
        self.assertFalse(page.fits(["a …"], ["a b"]))


class Parsing(unittest.TestCase):
    PAGE = ("text\n<!-- needs: nc, root -->\n```console\n$ one\n  out\n\nput\n$ two\n```\n"
            "$ no\n```sh\n$ no\n```").split("\n")

    def test_commands_have_the_lines_below_them(self):
        (block,) = page.parse(self.PAGE)
        self.assertEqual(block.needs, ["nc", "root"])
        self.assertEqual([(command.text, command.shown) for command in block.commands],
                         [("one", ["  out", "", "put"]), ("two", [])])


class Updating(unittest.TestCase):
    def update(self, shown, came):
        lines = ["```console", "$ run", *shown, "```", "end"]
        (block,) = page.parse(lines)
        return page.updated(lines, [(block.commands[0], came)])[2:-2]

    def test_what_fits_stays_as_it_is(self):
        shown = ["port ‹1›", "…", "end"]
        self.assertEqual(self.update(shown, ["port 2", "x", "end"]), shown)

    def test_only_the_lines_that_differ_change(self):
        self.assertEqual(self.update(["port ‹1›", "old", "port ‹3›"], ["port 2", "new", "port 4"]),
                         ["port ‹1›", "new", "port ‹3›"])

    def test_lines_that_came_or_went(self):
        self.assertEqual(self.update(["a"], []), [])
        self.assertEqual(self.update(["a", "c ‹1›"], ["a", "b", "c 2"]), ["a", "b", "c ‹1›"])
        self.assertEqual(self.update(["a", "b", "c ‹1›"], ["a", "c 2"]), ["a", "c ‹1›"])
        self.assertEqual(self.update([], ["a"]), ["a"])

    def test_three_dots_stay_where_what_follows_still_comes(self):
        self.assertEqual(self.update(["a", "…", "z"], ["b", "x", "y", "z"]), ["b", "x", "y", "z"])
        self.assertEqual(self.update(["a", "…", "y", "z"], ["a", "x", "y", "Z"]), ["a", "…", "y", "Z"])
        self.assertEqual(self.update(["a", "b", "…"], ["A", "b", "x"]), ["A", "b", "…"])
        self.assertEqual(self.update(["…", "z"], ["x"]), ["x"])
        self.assertEqual(self.update(["…", "z", "end"], ["x", "z", "z", "END"]), ["…", "z", "z", "END"])
        self.assertEqual(self.update(["…", "a"], ["a", "a"]), ["…", "a"])

    def test_what_is_new_is_marked(self):
        self.assertEqual(self.update([], ["127.0.0.1:55146 left"]), ["127.0.0.1:‹55146› left"])

    def test_commands_are_updated_where_they_stand(self):
        lines = ["```console", "$ one", "1", "$ two", "2", "```"]
        one, two = page.parse(lines)[0].commands
        self.assertEqual(page.updated(lines, [(one, ["1", "1"]), (two, [])]),
                         ["```console", "$ one", "1", "1", "$ two", "```"])

    def test_what_is_known_to_vary_is_marked(self):
        for line, marked in {
            "127.0.0.1:55146 joined": "127.0.0.1:‹55146› joined",
            "listening on 127.0.0.1:12401": "listening on 127.0.0.1:12401",
            "IP 127.0.0.1.40504 > 127.0.0.1.12504: UDP": "IP 127.0.0.1.‹40504› > 127.0.0.1.12504: UDP",
            "sin_port=htons(53392), 0x7ffda763ae90": "sin_port=htons(‹53392›), ‹0x7ffda763ae90›",
            'File "/tmp/lab-ada/a.py", line 1': 'File "‹/tmp/lab-ada›/a.py", line 1',
            "real\t0m0.874s": "real\t‹0m0.874s›",
            "VmRSS:\t    3688 kB": "VmRSS:\t‹    3688› kB",
            "    81           85            22 0e d0 6b  4a 6b": "    81           85            ‹22 0e d0 6b›  ‹4a 6b›",
            "    81           05             68 65 6c 6c 6f": "    81           05             68 65 6c 6c 6f",
            "    89           80            01 02 03 04": "    89           80            ‹01 02 03 04›",
            "    81           fe              01 2c            96 dd 4a 7a  f7 bc": "    81           fe              01 2c            ‹96 dd 4a 7a›  ‹f7 bc›",
            '"Sec-WebSocket-Key: QNsMcdjEc3gLa/uovkoaaQ=="': '"Sec-WebSocket-Key: ‹QNsMcdjEc3gLa/uovkoaaQ==›"',
        }.items():
            self.assertEqual(page.mark(line), marked)
            self.assertTrue(page.fits([marked], [line]), marked)


if __name__ == "__main__":
    unittest.main()
