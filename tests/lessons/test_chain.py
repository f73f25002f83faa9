"""Which block uses what another one made, and which are left out when one cannot be run."""
import unittest

import chain
import page


def blocks(*texts):
    """A page of blocks, each given as its commands, one a line; one that begins with # lacks a tool."""
    lines = []
    for text in texts:
        if text.startswith("#"):
            lines.append("<!-- needs: tool -->")
        lines += ["```console", *("$ " + command for command in text.lstrip("#").split("\n")), "```"]
    return page.parse(lines)


def left_out(*texts):
    """The numbers of the blocks that are not run where there is no tool."""
    story = chain.Story(blocks(*texts))
    reasons = story.reasons(lambda block: "there is no tool" if block.needs else "")
    return [number for number, reason in enumerate(reasons) if reason]


def unmade(*texts):
    return [chain.spoken(thing) for _, thing in chain.Story(blocks(*texts)).unmade]


class WhatIsUsed(unittest.TestCase):
    def test_a_block_that_uses_what_was_not_made_is_left_out(self):
        for makes, uses in {
            "a > $lab/f": "cat $lab/f",
            "a 2> $lab/f & x=$!": "cat < $lab/f",
            "a >> $lab/f": "python3 -c 'x' < $lab/f",
            "curl -o $lab/f a": "(cat $lab/f; b) | c",
            "a --capture $lab/f & x=$!": "tshark -r $lab/f",
            'a > "$lab/f"': 'b "file://$lab/f#c"',
            "mkdir -p $lab/d": "a > $lab/d/f",
            "./lab cert $lab/d > /dev/null": "a --ca $lab/d/cert.pem",
            "mkfifo $lab/e $lab/f": "a < $lab/f",
            "for i in 1 2; do a > $lab/f-$i & done": "cat $lab/f-1",
            "export lab; bash -c 'a; b > $lab/f'": "cat $lab/f",
            "a & server=$!": "kill $server",
            "a=3": 'echo "${a}b"',
            "for a in 1 2; do b; done": "echo $a",
            "f() { a; }": "b | f c",
            "a --port 12401 &": "b 127.0.0.1:12401",
            "exec 5> >(a)": "echo b >&5",
            "exec 5<>/dev/tcp/h/1": "head -n 1 <&5",
        }.items():
            given = "lab=1; x=1"
            self.assertEqual(left_out(given, "#" + makes, uses), [1, 2], uses)
            self.assertEqual(left_out(given, makes, "#x", uses), [2], uses)
            self.assertEqual(unmade(given, makes, uses), [], uses)

    def test_a_name_with_a_variable_is_any_that_the_block_says(self):
        makes = ("#a > $lab/one", "a > $lab/two", "a > $lab/three")
        for uses, needs_tool in (("f() { cat $lab/$1; }\nf one", True), ("f() { cat $lab/$1; }\nf two", False),
                                 ("for i in two one; do cat $lab/$i; done", True)):
            self.assertEqual(left_out("lab=1", *makes, uses), [1, 4] if needs_tool else [1], uses)

    def test_what_a_block_makes_itself_is_not_anothers(self):
        for text in ("a > $lab/f; cat $lab/f", "a & server=$!\nkill $server", "exec 5> >(a)\nb >&5", "f() { a; }\nf b",
                     "rm -f $lab/f; a > $lab/f", "bash -c 'rm -f $lab/f; a > $lab/f; cat $lab/f'"):
            self.assertEqual(left_out("lab=1", "#" + text, text), [1], text)

    def test_what_is_used_before_it_is_made_again_is_anothers(self):
        for text in ("kill $server; a & server=$!", "a=${a}b", 'a="$a $!"', "cat $lab/f; a > $lab/f"):
            self.assertEqual(left_out("lab=1", "#server=1; a=1; b > $lab/f", text), [1, 2], text)

    def test_the_last_one_to_make_it_counts(self):
        self.assertEqual(left_out("server=1", "#server=2", "kill $server"), [1, 2])
        self.assertEqual(left_out("#server=1", "server=2", "kill $server"), [0])

    def test_what_stands_in_quotes_is_no_variable_and_closing_needs_nothing(self):
        for text in ("awk '{ print $a }'", "sed 's/x/$b=/'", "exec 5>&-", "echo $HOME $1 $? $!", "echo 'f x'"):
            self.assertEqual(unmade(text), [], text)

    def test_what_nobody_made_is_named(self):
        self.assertEqual(unmade("cat $lab/f; kill $a; b >&5"),
                         ["the file $lab/f", "the variable $lab", "the variable $a", "the descriptor 5"])
        self.assertEqual(unmade("curl http://127.0.0.1:12401/"), [])


class Scenes(unittest.TestCase):
    SERVER = "a --port 12401 2> $lab/log & server=$!"

    def test_who_goes_on_with_a_server_needs_all_who_have_talked_to_it(self):
        for uses in ("curl h:12401", "kill $server", "grep -c x $lab/log", "ss sport = :12401"):
            self.assertEqual(left_out("lab=1", self.SERVER, "#curl h:12401", "x", uses), [2, 4], uses)

    def test_nobody_needs_who_only_looked(self):
        self.assertEqual(left_out("lab=1", self.SERVER, "#grep x $lab/log\nss sport = :12401", "#cat $lab/log", "curl h:12401",
                                  "#curl h:12401", "cat $lab/log", "curl h:12401"), [2, 3, 5, 6, 7])

    def test_two_servers_of_one_block_are_one_scene(self):
        self.assertEqual(left_out("lab=1", self.SERVER + "\nb --port 12402 & other=$!", "#curl h:12402", "curl h:12401"), [2, 3])

    def test_who_uses_a_file_that_is_finished_needs_only_its_maker(self):
        self.assertEqual(left_out("lab=1", self.SERVER, "curl h:12401\nx > $lab/f", "#curl h:12401", "cat $lab/f"), [3])

    def test_a_new_server_is_a_new_scene(self):
        self.assertEqual(left_out("lab=1", self.SERVER, "#kill $server", "b --port 12402 2> $lab/log & server=$!\ncat $lab/log",
                                  "kill $server"), [2])


class Reasons(unittest.TestCase):
    def reasons(self, *texts):
        return chain.Story(blocks(*texts)).reasons(lambda block: "there is no tool" if block.needs else "")

    def test_the_chain_is_named(self):
        self.assertEqual(self.reasons("lab=1", "#a > $lab/f", "b < $lab/f > $lab/g", "cat $lab/g"), [
            "", "there is no tool",
            "it needs the file $lab/f of the block at line 5, which was not run: there is no tool",
            "it needs the file $lab/g of the block at line 8, which was not run: "
            "it needs the file $lab/f of the block at line 5, which was not run: there is no tool"])
        self.assertEqual(self.reasons("a --port 12401 &", "#b 12401", "c 12401")[2],
                         "it goes on after the block at line 5, which was not run: there is no tool")
        self.assertEqual(self.reasons("#a --port 12401 &", "c 12401")[1],
                         "it needs port 12401 of the block at line 2, which was not run: there is no tool")


if __name__ == "__main__":
    unittest.main()
