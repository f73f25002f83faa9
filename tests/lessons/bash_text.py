"""What the text of a bash command says without running it: which part is code, and which programs it runs.

It knows as much of bash as the pages use: quotes, `$(…)`, pipes, lists, loops, `bash -c '…'`.
"""
import functools
import os
import re

QUOTED = "\0"  # stands in code() for a character that means nothing to bash
SEPARATOR = re.compile(r"\$\(|[<>]\(|[;&|()\n]|(?<![^\s;&|(])(?:[{}]|do|then|else|elif|until|while|if|exec|time|!)(?!\S)")
# Not a command itself: an assignment, a redirection, how long `timeout` waits, and its option.
PREFIX = re.compile(r"\w+=\S*|\d*[<>]\S*|[\d.]+|--foreground")
SCRIPT = re.compile(r"\bbash -c '([^']*)'")
SCRIPT_FILE = re.compile(r"\bbash ([\w./-]+\.sh)\b")


@functools.lru_cache(maxsize=None)
def code(text):
    """The text, as long as it was, with QUOTED for all that quotes take from bash."""
    result = []
    within = []  # the quote, or the parenthesis, that ends what we are in
    at = 0
    while at < len(text):
        end = at + 1
        shown = text[at]
        if shown == "\\":
            end = at + 2
            shown = QUOTED * 2
        elif within[-1:] == ['"']:
            if text.startswith("$(", at):
                end = at + 2
                shown = "$("
                within.append(")")
            elif shown == '"':
                within.pop()
            elif shown in " ;&|()<>'\n":
                shown = QUOTED
        elif shown == "'":
            end = text.find("'", at + 1) + 1 or len(text)
            shown = QUOTED * (end - at)
        elif shown == '"':
            within.append('"')
        elif shown == "(":
            within.append(")")
        elif shown == ")" and within:
            within.pop()
        result.append(shown)
        at = end
    return "".join(result)[: len(text)]


@functools.lru_cache(maxsize=None)
def programs(text, root=None):
    """The first words of all simple commands: programs, builtins, functions. Also of scripts, found in `root`."""
    found = set()
    for script in SCRIPT.findall(text):
        found |= programs(script, root)
    for name in SCRIPT_FILE.findall(text) if root else []:
        found |= programs_of_file(os.path.join(root, name))
    for part in SEPARATOR.split(code(text)):
        words = part.split()
        while words and (PREFIX.fullmatch(words[0]) or words[0] == "timeout"):
            found.update({words.pop(0)} & {"timeout"})
        if words and re.fullmatch(r"[A-Za-z./][\w./-]*", words[0]):
            found.add(words[0])
            if words[:2] == ["./lab", "cert"]:
                found.add("openssl")
    return frozenset(found)


def programs_of_file(path):
    try:
        with open(path, encoding="utf-8") as file:
            return programs(re.sub(r"^\s*#.*", "", file.read(), flags=re.MULTILINE))
    except OSError:
        return set()
