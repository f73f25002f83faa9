"""The glossary: its rows, and that each term stands once in bold in the page that its row links to."""
import os
import re
import unittest

LESSONS = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "..", "lessons")
ROW = re.compile(r"\| (?P<term>[^|]+) \| (?P<ukrainian>[^|]+) \| (?P<russian>[^|]+) \| (?P<meaning>[^|]+) "
                 r"\| \[[^]]+\]\((?P<page>[\w.]+)(?:#[^)]+)?\) \|$")


def rows():
    with open(os.path.join(LESSONS, "glossary.md"), encoding="utf-8") as file:
        table = [line for line in file.read().split("\n") if line.startswith("|")][2:]
    return [ROW.match(line) or line for line in table]


def times_in_bold(term, text):
    """How often a page has the term in bold: alone, in the plural, or, where it opens a paragraph, with a full stop."""
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    bold = [words.lower() for words in re.findall(r"\*\*([^*\n]+)\*\*", prose)]
    term = term.lower()
    return bold.count(term) + bold.count(term + "s") or bold.count(term + ".")


def faults(found):
    """Terms that are not once in bold in their page, as sentences."""
    for row in found:
        with open(os.path.join(LESSONS, row["page"]), encoding="utf-8") as file:
            times = times_in_bold(row["term"], file.read())
        if times != 1:
            yield f"{row['page']}: **{row['term']}** is there {times} times in bold, not once"


class Glossary(unittest.TestCase):
    def test_each_row_has_a_term_two_translations_one_sentence_and_a_link(self):
        for row in rows():
            self.assertNotIsInstance(row, str)
            self.assertRegex(row["meaning"], r"^[A-Z`][^.]*(?:\.\d[^.]*)*\.$", row["term"])

    def test_the_terms_are_sorted_and_each_is_there_once(self):
        terms = [row["term"].lower() for row in rows()]
        self.assertEqual(terms, sorted(set(terms)))
        self.assertTrue(80 <= len(terms) <= 120, len(terms))

    def test_each_term_is_once_in_bold_where_its_row_links_to(self):
        self.assertEqual(list(faults(rows())), [])

    def test_bold_is_counted_in_prose_alone_with_plural_and_full_stop(self):
        text = "**Broker.** A **broker** and two **frames**.\n```text\n**topic**\n```\n**Pull**: ask. **SIGPIPE.** It ends you."
        terms = ["broker", "frame", "topic", "pull", "SIGPIPE", "push"]
        self.assertEqual([times_in_bold(term, text) for term in terms], [1, 1, 0, 1, 1, 0])
        self.assertEqual(times_in_bold("pull", text + " **pull**"), 2)


if __name__ == "__main__":
    unittest.main()
