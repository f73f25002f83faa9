"""No two headers give one name to two classes: the linker would take one for the other, and nothing would warn."""
import collections
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAMESPACE = re.compile(r"^namespace ?([\w:]*) ?\{|^(\})  // namespace", re.MULTILINE)
CLASS = re.compile(r"^(?:struct|class|enum class|enum) (\w+)[^;{]*\{", re.MULTILINE)


def classes(text):
    """The names of the classes that the text defines outside of other classes, with their namespaces."""
    inside = []
    for line in text.splitlines():
        if found := NAMESPACE.match(line):
            inside.pop() if found[2] else inside.append(found[1])
        elif found := CLASS.match(line):
            yield "::".join([*inside, found[1]])


class Names(unittest.TestCase):
    def test_a_class_is_defined_once(self):
        headers = [path for folder in ("[0-9][0-9]_*", "common", "compare", "wire") for path in ROOT.glob(f"{folder}/**/*.hpp")]
        self.assertGreater(len(headers), 100)
        places = collections.defaultdict(set)
        for path in headers:
            for name in classes(path.read_text("utf-8")):
                places[name].add(str(path.relative_to(ROOT)))
        self.assertGreater(len(places), 100)
        self.assertEqual({name: files for name, files in places.items() if len(files) > 1}, {})

    def test_a_declaration_is_no_definition(self):
        text = "namespace lab {\nstruct A;\nclass B : public A {\n    struct C {};\n};\n}  // namespace lab\nenum class D { x };\n"
        self.assertEqual(list(classes(text)), ["lab::B", "D"])


if __name__ == "__main__":
    unittest.main()
