#!/usr/bin/env python3
"""Unit tests of what runs the lessons: comparing, updating, ports, the shell, and what is looked up."""
import contextlib
import os
import sys
import tempfile
import unittest
import unittest.mock

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
import check_page  # noqa: E402
import page  # noqa: E402
import run_lesson  # noqa: E402
import shell  # noqa: E402


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
        self.assertTrue(page.fits(["VmRSS: ‹   6116› kB"], ["VmRSS: 16116 kB"]))

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
    PAGE = ("text\n<!-- needs: nc, root -->\n```console\n$ one\nout\n\nput\n$ two\n```\n"
            "$ no\n```sh\n$ no\n```").split("\n")

    def test_commands_have_the_lines_below_them(self):
        (block,) = page.parse(self.PAGE)
        self.assertEqual(block.needs, ["nc", "root"])
        self.assertEqual([(command.text, command.shown) for command in block.commands],
                         [("one", ["out", "", "put"]), ("two", [])])


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
        self.assertEqual(self.update(["a", "c ‹1›"], ["a", "b", "c 2"]), ["a", "b", "c ‹1›"])
        self.assertEqual(self.update(["a", "b", "c ‹1›"], ["a", "c 2"]), ["a", "c ‹1›"])
        self.assertEqual(self.update([], ["a"]), ["a"])

    def test_three_dots_stay_where_what_follows_still_comes(self):
        self.assertEqual(self.update(["a", "…", "z"], ["b", "x", "y", "z"]), ["b", "x", "y", "z"])
        self.assertEqual(self.update(["a", "…", "y", "z"], ["a", "x", "y", "Z"]), ["a", "…", "y", "Z"])
        self.assertEqual(self.update(["a", "b", "…"], ["A", "b", "x"]), ["A", "b", "…"])

    def test_what_is_known_to_vary_is_marked(self):
        for line, marked in {
            "127.0.0.1:55146 joined": "127.0.0.1:‹55146› joined",
            "listening on 127.0.0.1:12401": "listening on 127.0.0.1:12401",
            "IP 127.0.0.1.40504 > 127.0.0.1.12504: UDP": "IP 127.0.0.1.‹40504› > 127.0.0.1.12504: UDP",
            "sin_port=htons(53392), 0x7ffda763ae90": "sin_port=htons(‹53392›), ‹0x7ffda763ae90›",
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


class Ports(unittest.TestCase):
    def test_ports_and_files_are_the_stages_own_and_are_shown_as_on_the_page(self):
        command = "build/bin/x --port 12401 2> /tmp/lab-a.log; sed 's/12345/12402/'"
        with shell.Stage([command], "/elsewhere") as stage:
            actual = stage.to_run(command)
            self.assertNotIn("12401", actual)
            self.assertNotIn("/tmp/lab-a", actual)
            self.assertIn("'s/12345/", actual)
            self.assertIn("/elsewhere/bin/x", actual)
            self.assertEqual(len(stage.to_run("12401")), 5)
            self.assertEqual(stage.to_show(stage.to_run("12401 /tmp/lab-a.log")), "12401 /tmp/lab-a.log")
            self.assertEqual(stage.to_run("112401 124011"), "112401 124011")
            self.assertTrue(os.path.isdir(stage.scratch))
        self.assertFalse(os.path.exists(stage.scratch))

    def test_two_stages_share_no_port(self):
        with shell.Stage(["12401 12402"]) as one, shell.Stage(["12401 12402"]) as other:
            self.assertFalse(set(one.to_run("12401 12402").split()) & set(other.to_run("12401 12402").split()))


class Commands(unittest.TestCase):
    def test_which_commands_only_look(self):
        for command in ("cat /tmp/lab-log", "grep '←' a | head -n 3", "sed -n '/^socket/,$p' a | grep -E '^(a|b)'",
                        'grep ":$(printf %04X 12507) " /proc/net/udp | awk \'{ print $NF " x" }\''):
            self.assertTrue(shell.only_looks(command), command)
        for command in ("cat a; kill $server", "cat a > b", "sed -i s/a/b/ c", "echo a | cat", "cat a & b=$!",
                        "cat 'a", "tr a b < c", ""):
            self.assertFalse(shell.only_looks(command), command)


def run(text, updating=False):
    """Plays a page; returns what the page should show then, and what was said about it."""
    lines = text.split("\n")
    said = []
    came, stuck = run_lesson.play_blocks(page.parse(lines), "/", "build", updating, lambda at, text: said.append(text))
    return "\n".join(page.updated(lines, came)), said + ([stuck[1]] if stuck else [])


def console(*lines):
    return "\n".join(["```console", *lines, "```"])


class Running(unittest.TestCase):
    def test_one_shell_for_the_whole_page(self):
        text = console("$ a=3; cd /tmp") + "\n" + console("$ echo $a; pwd; echo wrong >&2", "3", "/tmp", "wrong")
        self.assertEqual(run(text), (text, []))

    def test_what_comes_after_the_commands_end_is_waited_for(self):
        text = console("$ (sleep 0.4; printf late; sleep 0.2; echo r) & job=$!", "later", "$ echo now", "now")
        self.assertEqual(run(text), (text, []))

    def test_a_look_is_repeated_until_it_shows_what_the_page_shows(self):
        text = console("$ (sleep 0.4; echo news > /tmp/lab-log) &", "$ cat /tmp/lab-log", "news")
        self.assertEqual(run(text), (text, []))

    def test_who_was_killed_has_ended_when_the_next_command_runs(self):
        text = console("$ (trap 'sleep 0.3; echo bye; exit' TERM; echo on; while :; do sleep 0.05; done) & job=$!", "on",
                       "$ kill $job", "bye", "$ kill -0 $job 2> /dev/null || echo gone", "gone")
        self.assertEqual(run(text), (text, []))

    def test_descriptors_of_the_page_stay_open_between_commands(self):
        text = console("$ exec 5> >(cat); echo hello >&5", "hello", "$ echo again >&5; exec 5>&-", "again")
        self.assertEqual(run(text), (text, []))

    def test_a_page_that_drifted(self):
        text = console("$ echo new", "old", "$ echo ‹1›", "same")
        self.assertEqual(run(text, updating=True)[0], console("$ echo new", "new", "$ echo ‹1›", "‹1›"))

    def test_output_that_no_command_shows_is_seen(self):
        text = console("$ (sleep 0.2; echo stray) &", "$ sleep 0.5")
        self.assertIn("stray", run(text, updating=True)[0])

    def test_a_block_without_its_tool_is_not_run_and_named(self):
        text = "<!-- needs: sh, no-such-tool -->\n" + console("$ echo a", "b")
        self.assertEqual(run(text), (text, ["not run: there is no no-such-tool"]))

    def test_a_command_that_ends_the_shell_is_named(self):
        _, said = run(console("$ echo a; exit 3", "a"))
        self.assertIn("has ended the shell", said[0])

    def test_a_command_that_does_not_end_is_named_and_ended(self):
        with contextlib.closing(shell.Shell("/")) as one:
            with self.assertRaisesRegex(shell.Stuck, "has not ended after 0.2 s"):
                one.run("sleep 60", 0.2)
        self.assertEqual(shell.session(one.bash.pid), [])

    def test_everything_that_was_started_is_ended(self):
        with contextlib.closing(shell.Shell("/")) as one:
            one.run("sleep 60 & bash -c 'set -m; sleep 60 & sleep 61 & kill -STOP %1; wait' & sleep 0.2", 10)
            self.assertGreaterEqual(len(shell.session(one.bash.pid)), 4)
        self.assertEqual(shell.session(one.bash.pid), [])

    def test_a_page_is_run_checked_and_written(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.md")
            with open(path, "w", encoding="utf-8") as file:
                file.write(console("$ echo new", "old") + "\n")
            with unittest.mock.patch.object(run_lesson, "PATIENCE", 0.5):
                report = run_lesson.run_page(path, "build", False)
            self.assertFalse(report.good)
            self.assertIn("-old\n+new", "\n".join(report.lines))
            self.assertIn("If that is right: ./lab lessons --update a.md", report.lines)
            self.assertTrue(run_lesson.run_page(path, "build", True).good)
            self.assertTrue(run_lesson.run_page(path, "build", False).good)


class LookingUp(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name
        self.write("lab", "case $command in\n    run) run ;;\n    help | --help) usage ;;\nesac\n")
        self.write("02_chat/hub.cpp", "// lesson: walk\n    for (;;) {\n        step();\n    }\n"
                   "// lesson end\nclass LineDecoder;\n")
        self.write("lessons/01_x.md", "# One: a `b`, c\n")

    def write(self, name, text):
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        check_page.list_files.cache_clear()
        check_page.words_in.cache_clear()

    def faults(self, text):
        path = os.path.join(self.root, "lessons/02_chat.md")
        return [fault for _, fault in check_page.faults(text.split("\n"), path, self.root)]

    def test_what_is_there(self):
        for line in ("[a](01_x.md)", "[a](01_x.md#one-a-b-c)", "[a](../02_chat/hub.cpp): `step()`", "`02_chat/hub`, `02_chat/`",
                     "`hub.cpp`", "In `hub.cpp`, `step`, take out `for (;;) {`.", "`./lab run 02 server`", "`LineDecoder`",
                     "[a](https://example.org/#x)", "```", "`a/b` `/tmp/x` `recv`"):
            self.assertEqual(self.faults(line), [], line)

    def test_what_is_not_there(self):
        for line, fault in {
            "[a](03_x.md)": "there is no 03_x.md",
            "[a](01_x.md#two)": "lessons/01_x.md has no heading for #two",
            "`02_chat/member`": "there is no `02_chat/member`",
            "`member.cpp`": "there is no file `member.cpp`",
            "`LineEncoder`": "`LineEncoder`: no source has LineEncoder",
            "`Hub::leap`": "`Hub::leap`: no source has Hub",
            "In `hub.cpp`, `leap`, look.": "hub.cpp has no `leap`",
            "Take `leap();` out of `step()` in `hub.cpp`.": "hub.cpp has no `leap();`",
            "In `hub.cpp`, `step`, take out `while`.": "hub.cpp has no `while`",
            "`./lab fly`": "./lab knows no word fly",
            "`./lab run 03 server`": "./lab run 03: there is no such step",
        }.items():
            self.assertIn(fault, self.faults(line), line)
        self.write("02_chat/other.cpp", "leap();")
        self.assertEqual(self.faults("[a](../02_chat/hub.cpp): `leap()`"), ["`leap()`: leap is not in 02_chat/hub.cpp"])

    def test_what_a_block_needs_is_said(self):
        self.assertEqual(self.faults("```console\n$ grep a /proc/1/x | nc -N a\n$ echo curl\n```"),
                         ["this needs Linux: the line above the block has to say so",
                          "this needs nc: the line above the block has to say so"])
        self.assertEqual(self.faults("<!-- needs: nc -->\n```console\n$ nc -N a\n```"), [])

    def test_excerpts_come_from_the_source(self):
        page_lines = ["<!-- excerpt: 02_chat/hub.cpp#walk -->", "```cpp", "old();", "```", "end"]
        lines, problems = check_page.with_excerpts(page_lines, self.root)
        self.assertEqual(lines, [*page_lines[:2], "for (;;) {", "    step();", "}", "```", "end"])
        self.assertEqual(problems, [])
        page_lines[0] = "<!-- excerpt: 02_chat/hub.cpp#run -->"
        self.assertEqual(check_page.with_excerpts(page_lines, self.root),
                         (page_lines, [(1, "02_chat/hub.cpp has no lines marked `lesson: run`")]))
        page_lines[0] = "<!-- excerpt: 02_chat/hub.cpp -->"
        self.assertEqual(check_page.with_excerpts(page_lines, self.root)[1], [(1, "02_chat/hub.cpp has no such lines")])


if __name__ == "__main__":
    unittest.main()
