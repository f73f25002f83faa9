"""Which part of a command is code, and which programs it runs."""
import os
import tempfile
import unittest

import bash_text


class Code(unittest.TestCase):
    def test_what_quotes_take_from_bash_is_blanked_and_all_else_stays_where_it_is(self):
        for text, code in {
            "a 'b; c' d": "a ------ d",
            'a "b; $c" d': 'a "b--$c" d',
            'a "b $(c; d "e f" | g) h"': 'a "b-$(c; d "e-f" | g)-h"',
            '(a "b)" c)': '(a "b-" c)',
            "a \\; b \\'c": "a -- b --c",
            "a 'b": "a --",
            '"a \\" b"': '"a----b"',
        }.items():
            self.assertEqual(bash_text.code(text).replace(bash_text.QUOTED, "-"), code, text)
            self.assertEqual(len(bash_text.code(text)), len(text))


class Programs(unittest.TestCase):
    def test_the_first_word_of_each_simple_command(self):
        for text, names in {
            "a b | c 2>&1 & d=$!; e": "a c e",
            "x=1 a b; (b; c) && { d; }": "a b c d",
            "until a -q b; do c 0.1; done": "a c done",
            'echo "$(($(a b) - 2)) c; d, $(e "f g" | h)"': "echo a e h",
            "exec 5> >(a b > c) 6<>/dev/tcp/1/2": "a",
            "timeout 3 a < b > c": "timeout a",
            "timeout --foreground 3 a": "timeout a",
            "if a; then time b; fi": "a b fi",
            "! a": "a",
            "echo 'a; b' \"c; d?e&f=g\"": "echo",
            "for i in $(a 3); do b $i; done": "for a b done",
            "unshare -n bash -c 'a; b & c'": "unshare a b c",
            "./lab cert x > /dev/null; build/bin/x a": "./lab openssl build/bin/x",
            "[ \"$(a)\" = 8 ]": "a",
        }.items():
            self.assertEqual(bash_text.programs(text), set(names.split()), text)

    def test_those_of_a_script_without_its_comments(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "a.sh"), "w", encoding="utf-8") as file:
                file.write("# it doesn't\nf() {\n    nc -d \"$1\" &\n}\n")
            self.assertIn("nc", bash_text.programs("bash a.sh 1", folder))
            self.assertEqual(bash_text.programs("bash a.sh 1"), {"bash"})
            self.assertEqual(bash_text.programs("bash b.sh", folder), {"bash"})


if __name__ == "__main__":
    unittest.main()
