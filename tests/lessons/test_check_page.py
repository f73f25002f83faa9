"""What a page says about the tree, what its blocks need, and why one is not run."""
import os
import tempfile
import unittest

import check_page


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
                     "[a](https://example.org/#x)", "`a/b` `/tmp/x` `recv`", "`old/./lab fly`",
                     "```text\n`member.cpp`\n```"):
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
        self.write("02_chat/other.cpp", "ste();")
        self.assertEqual(self.faults("[a](../02_chat/hub.cpp): `ste()`"), ["`ste()`: ste is not in 02_chat/hub.cpp"])
        self.write("tests/lessons/test_x.py", "LineEncoder")
        self.assertEqual(self.faults("`LineEncoder`"), ["`LineEncoder`: no source has LineEncoder"])

    def test_what_a_block_needs_is_said(self):
        self.assertEqual(self.faults("```console\n$ grep a /proc/1/x | nc -N a > /dev/full\n$ echo curl; ./curl a; echo ps | wc -l\n```"),
                         ["this needs Linux: the line above the block has to say so",
                          "this needs nc: the line above the block has to say so"])
        self.assertEqual(self.faults("<!-- needs: nc -->\n```console\n$ nc -N a\n```"), [])
        self.write("tests/a.sh", "joins() { nc 1; }\n")
        self.assertEqual(self.faults("```console\n$ bash tests/a.sh\n```"),
                         ["this needs nc: the line above the block has to say so"])

    def test_what_a_block_does_not_need_is_not_said(self):
        self.assertEqual(self.faults("<!-- needs: root, nc, Linux, websockets -->\n```console\n$ true\n```"),
                         ["no command here uses Linux: what other blocks need is found without saying it",
                          "no command here uses nc: what other blocks need is found without saying it"])

    def test_a_program_of_which_nobody_knows_the_package(self):
        self.assertEqual(self.faults("```console\n$ f() { date; }; f | dig x; build/bin/y\n```"),
                         ["dig: tests/lessons/needs.py has to say which package has it"])

    def test_what_no_block_above_makes(self):
        self.assertEqual(self.faults("```console\n$ lab=x\n$ cat $lab/a; kill $server\n```\n```console\n$ server=1\n```"),
                         ["no block above makes the file $lab/a", "no block above makes the variable $server"])

    def test_a_block_that_is_not_run_says_why(self):
        for above in ("<!-- not run: takes an hour -->", "<!-- as the course notes have it -->", "<!-- excerpt: lab -->"):
            self.assertEqual(self.faults(f"{above}\n```sh\n./lab run\n```"), [], above)
        self.assertEqual(self.faults("```text\nthe $ stands before a command\n```"), [])
        for fence in ("```sh", "```bash", "```shell", "```", "```js", "  ```console", "~~~"):
            for above in ("text", "<!-- not run: -->", "<!-- needs: nc -->"):
                (fault,) = self.faults(above + "\n" + fence + "\n./lab run\n" + fence.rstrip("abcdehjlnos"))
                self.assertIn("is not run: make it a console block, or say", fault, fence)

    def test_words_of_lab_are_looked_up_in_every_block(self):
        self.assertEqual(self.faults("<!-- not run: long -->\n```sh\n./lab fly\n```"), ["./lab knows no word fly"])

    def test_commands_that_nothing_runs(self):
        for command in ("$ ls", "  $ ls", "./lab run", "build/bin/02_chat server"):
            self.assertEqual(self.faults(f"```text\n{command}\n```"),
                             ["a command in a text block is not run: make it a console block"], command)
        self.assertEqual(self.faults("```console\nls\n```"), ["a console block begins with a command: $ and a space"])
        self.assertEqual(self.faults("```console\n$ ls\n"), ["this block does not end"])

    def test_where_a_fault_is(self):
        path = os.path.join(self.root, "lessons/02_chat.md")
        lines = ["text", "```sh", "ls", "```", "`LineEncoder`", "```text", "$ ls", "```"]
        self.assertEqual(sorted(at for at, _ in check_page.faults(lines, path, self.root)), [1, 4, 6])

    def test_excerpts_come_from_the_source(self):
        page_lines = ["<!-- excerpt: 02_chat/hub.cpp#walk -->", "```cpp", "old();", "```", "end"]
        lines, problems = check_page.with_excerpts(page_lines, self.root)
        self.assertEqual(lines, [*page_lines[:2], "for (;;) {", "    step();", "}", "```", "end"])
        self.assertEqual(problems, [])
        page_lines[0] = "<!-- excerpt: 02_chat/hub.cpp#run -->"
        self.assertEqual(check_page.with_excerpts(page_lines, self.root),
                         (page_lines, [(0, "02_chat/hub.cpp has no lines marked `lesson: run`")]))
        page_lines[0] = "<!-- excerpt: 02_chat/member.cpp#run -->"
        self.assertEqual(check_page.with_excerpts(page_lines, self.root)[1], [(0, "excerpt: there is no 02_chat/member.cpp")])

    def test_an_excerpt_of_a_script_and_with_an_empty_line(self):
        self.write("a.py", "  # lesson: walk\n  a\n\n    b\n  # lesson end\n")
        lines, _ = check_page.with_excerpts(["<!-- excerpt: a.py#walk -->", "```python", "```"], self.root)
        self.assertEqual(lines[2:], ["a", "", "  b", "```"])

    def test_an_excerpt_without_a_name_is_whole_lines_of_the_source(self):
        page_lines = ["<!-- excerpt: 02_chat/hub.cpp -->", "```cpp", "    for (;;) {", "        step();", "```"]
        self.assertEqual(check_page.with_excerpts(page_lines, self.root), (page_lines, []))
        for other in ("        run();", "step();", "        step"):
            self.assertEqual(check_page.with_excerpts([*page_lines[:3], other, "```"], self.root)[1],
                             [(0, "02_chat/hub.cpp has no such lines")], other)
        self.assertEqual(check_page.with_excerpts([*page_lines[:2], "```"], self.root)[1],
                         [(0, "02_chat/hub.cpp has no such lines")])

    def test_an_excerpt_without_a_block(self):
        for below in ([], ["text"], ["```cpp", "no end"]):
            page_lines = ["<!-- excerpt: 02_chat/hub.cpp#walk -->", *below]
            self.assertEqual(check_page.with_excerpts(page_lines, self.root), (page_lines, [(0, "excerpt: no block is below")]))


if __name__ == "__main__":
    unittest.main()
