"""What `./lab lesson` shows on a terminal: lessons/terminal.awk, with ( and ) for bold, [ and ] for dim."""
import os
import shutil
import subprocess
import unittest

SCRIPT = os.path.join(os.path.dirname(os.path.realpath(__file__)), "../../lessons/terminal.awk")


@unittest.skipUnless(shutil.which("awk"), "there is no awk")
class Terminal(unittest.TestCase):
    def shows(self, *lines):
        options = ["-v", "width=20", "-v", "bold=(", "-v", "dim=[", "-v", "plain=)"]
        result = subprocess.run(["awk", *options, "-f", SCRIPT], input="\n".join(lines) + "\n", text=True, encoding="utf-8",
                                stdout=subprocess.PIPE, env=dict(os.environ, LC_ALL="C"), check=True)
        return result.stdout.split("\n")[:-1]

    def test_prose_is_broken_between_words_and_letters_are_counted(self):
        self.assertEqual(self.shows("one two three four five"), ["one two three four", "five"])
        self.assertEqual(self.shows("Привіт Привіт Привіт"), ["Привіт Привіт Привіт"])
        self.assertEqual(self.shows("- one two three four five", "12. one two three four"),
                         ["- one two three four", "  five", "12. one two three", "    four"])

    def test_code_and_tables_are_not_broken(self):
        line = "one  two three four five six"
        self.assertEqual(self.shows("```text", line, "# no heading", "```", "| " + line),
                         ["[```text)", line, "# no heading", "[```)", "| " + line])

    def test_headings_commands_and_what_is_bold(self):
        self.assertEqual(self.shows("# A", "", "```console", "$ ls", "a", "```", "**One `b`.** Two."),
                         ["(# A)", "", "[```console)", "($ ls)", "a", "[```)", "(One `b`.) Two."])

    def test_of_a_picture_its_words_and_its_file_are_shown(self):
        self.assertEqual(self.shows("![A ladder](pictures/a.svg)", "```text", "![A](b)", "```"),
                         ["[Picture: )A ladder", "[    lessons/pictures/a.svg, for a browser)",
                          "[```text)", "![A](b)", "[```)"])

    def test_what_stands_there_for_tests_and_browsers_is_left_out(self):
        self.assertEqual(self.shows("<!-- needs: nc -->", "<details><summary>Answer</summary>", "", "Yes.", "</details>"),
                         ["(Answer)", "", "Yes."])


if __name__ == "__main__":
    unittest.main()
