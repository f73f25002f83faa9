"""What blocks need: whether it is there, and that no page goes wrong where it is not."""
import glob
import os
import tempfile
import unittest
import unittest.mock

import chain
import needs
import page

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def pages():
    """(name, blocks) of each page."""
    for path in [os.path.join(ROOT, "README.md"), *glob.glob(os.path.join(ROOT, "lessons", "*.md"))]:
        with open(path, encoding="utf-8") as file:
            yield os.path.basename(path), page.parse(file.read().split("\n"))


class Needs(unittest.TestCase):
    def test_what_a_block_may_need(self):
        self.assertEqual(needs.is_there("root"), os.geteuid() == 0)
        self.assertTrue(needs.succeeds("true"))
        self.assertFalse(needs.succeeds("false"))
        self.assertFalse(needs.succeeds("no-such-tool"))

    def test_what_is_missing_is_named_with_its_package(self):
        for missing, sentence in {
            (): "",
            ("pkill",): "there is no pkill (package procps)",
            ("nc", "ws"): "there is no nc (package netcat-openbsd), no ws (package nodejs and node-ws)",
            ("root",): "only root may do this",
            ("root", "ip"): "there is no ip (package iproute2), and only root may do this",
        }.items():
            block = page.Block(0, ["sh", *missing])
            self.assertEqual(needs.lack(block, lambda need: need not in missing, lambda need: None), sentence)

    def test_a_program_that_the_system_refuses_is_not_named_as_missing(self):
        block = page.Block(0, ["tcpdump", "nc"])
        self.assertEqual(needs.lack(block, lambda need: False, lambda need: "/usr/bin/" + need),
                         "there is no nc (package netcat-openbsd), and this system does not let you use tcpdump")
        self.assertEqual(needs.lack(block, lambda need: need == "nc", lambda need: None),
                         "there is no tcpdump (package tcpdump)")

    def test_a_program_that_is_hidden_is_not_there_and_all_others_are(self):
        with unittest.mock.patch.dict(os.environ), tempfile.TemporaryDirectory() as folder:
            needs.hide(["cat", "root"], folder)
            try:
                self.assertEqual([needs.is_there(need) for need in ("cat", "root", "sed")], [False, False, True])
                self.assertFalse(needs.succeeds("cat"))
                self.assertTrue(needs.succeeds("sed", "--version"))
            finally:
                needs.hidden.clear()
                needs.is_there.cache_clear()


class Pages(unittest.TestCase):
    """The plan for each page where one need is not there, and where none is."""

    def test_each_need_is_known(self):
        self.assertGreater(len(needs.PROGRAMS), 10)
        for name, blocks in pages():
            for block in blocks:
                for need in block.needs:
                    self.assertTrue(need in {**needs.PACKAGES, **needs.OTHERS}, f"{name}: {need}")

    def check(self, name, blocks, hidden):
        whole = chain.Story(blocks)
        reasons = whole.reasons(lambda block: needs.lack(block, lambda need: need not in hidden, lambda need: None))
        run = [block for block, reason in zip(blocks, reasons) if not reason]
        for block in run:
            for command in block.commands:
                self.assertFalse(needs.used(command.text, ROOT) & hidden, f"{name}:{command.at + 1}")
        # The page of these blocks alone is whole, and each of its ports is first used where it was before.
        alone = chain.Story(run)
        where = f"{name} without {', '.join(hidden)}"
        self.assertEqual([(command.at + 1, thing) for command, thing in alone.unmade], [], where)
        for thing, at in alone.opened.items():
            self.assertEqual(at, whole.opened[thing], f"{where}: {thing}")

    def test_without_one_need_or_all_no_block_is_run_that_misses_something(self):
        for name, blocks in pages():
            needed = {need for block in blocks for need in block.needs}
            for hidden in [*({need} for need in needed), needed]:
                self.check(name, blocks, hidden)


if __name__ == "__main__":
    unittest.main()
