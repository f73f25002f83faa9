"""Submissions that are the same but for names, comments and layout: a place to look, not a verdict.

A program becomes a row of tokens in which every name, number and text is one sign. Runs of tokens that
two programs share are counted: fingerprints by winnowing (Schleimer, Wilkerson, Aiken, 2003).
"""
import io
import itertools
import keyword
import os
import re
import tokenize

RUN = 24  # tokens in a row that two programs must share to count
WINDOW = 8  # of so many runs in a row, one is kept
ALIKE = 0.6  # of the smaller program's fingerprints
MAX_BYTES = 1024**2
SOURCES = (".py", ".c", ".cc", ".cpp", ".cxx", ".h", ".hpp", ".go", ".rs", ".java", ".js", ".mjs", ".ts", ".rb", ".pl", ".sh")
TOKEN = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\w+|[^\w\s]""", re.DOTALL)
WORDS = {*keyword.kwlist, *"""auto bool break case catch char class const continue default delete do double else enum
extern float fn for func function go goto if import int interface let long match mut namespace new package private public
return short signed sizeof static std string struct switch template this throw try typedef union unsigned use using var
void volatile while async await yield""".split()}


def source_of(path):
    """[(whether it is Python, the text)] of all that a student has written."""
    files = [path] if os.path.isfile(path) else sorted(os.path.join(place, name) for place, _, names in os.walk(path) for name in names)
    texts = []
    for file in files:
        with open(file, "rb") as opened:
            data = opened.read(MAX_BYTES)
        if file.endswith(SOURCES) or data.startswith(b"#!"):
            texts.append((file.endswith(".py") or b"python" in data[:64], data.decode("utf-8", "replace")))
    return texts


def tokens(is_python, text):
    """The signs of a program: words of the language and marks as they are, "n" for each name, "v" for each value."""
    if is_python:
        try:
            found = tokenize.generate_tokens(io.StringIO(text).readline)
            plain = [token.string for token in found if token.type in (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)]
        except (tokenize.TokenError, SyntaxError):
            plain = text.split()
    else:
        plain = [token for token in TOKEN.findall(text) if not token.startswith(("//", "/*"))]
    return [token if token in WORDS or not token[0].isalnum() and token[0] not in "_\"'`" else "v" if token[0] in "\"'`0123456789" else "n"
            for token in plain]


def fingerprints(texts):
    """The runs of tokens that stand for these texts."""
    row = list(itertools.chain.from_iterable(tokens(*text) for text in texts))
    runs = [hash(tuple(row[at:at + RUN])) for at in range(len(row) - RUN + 1)]
    return {min(runs[at:at + WINDOW]) for at in range(max(0, len(runs) - WINDOW + 1))}


def pairs(submissions, common=()):
    """[(share, one, other)] of {name: path}, the most alike first. The texts in `common` were given to all."""
    given = set().union(*(fingerprints([text]) for text in common))
    found = {name: fingerprints(source_of(path)) - given for name, path in submissions.items()}
    result = []
    for one, other in itertools.combinations(found, 2):
        fewer = min(len(found[one]), len(found[other]))
        share = len(found[one] & found[other]) / fewer if fewer >= WINDOW else 0.0
        if share >= ALIKE:
            result.append((share, one, other))
    return sorted(result, reverse=True)


def report(submissions, common=()):
    """What is printed of it."""
    found = pairs(submissions, common)
    lines = [f"  {round(100 * share):3} %  {one}  and  {other}" for share, one, other in found]
    return "\n".join(["\nAlike but for names and layout: look at them side by side before you judge.", *lines] if lines else
                     ["\nNo two submissions are alike."])
