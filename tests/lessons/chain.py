"""Which block of a page uses what others made: files, variables, functions, ports, descriptors.

All of this is seen in the text of the commands. So the runner knows, before it runs anything, which
blocks make no sense without one that cannot be run here.
"""
import collections
import fnmatch
import functools
import re

import bash_text
from shell import PORT, only_looks

Thing = collections.namedtuple("Thing", "kind name")
# Something in a command: what, whether the command makes it, and whether it changes while others use it.
Mention = collections.namedtuple("Mention", "at thing makes lives")

FILE = re.compile(r"\$lab/([\w.*$/-]*[\w*])")
WRITTEN = re.compile(r"(?:>\s*|-o |--capture |--keylog |--user-data-dir=)\"?$")
MAKERS = {"ln", "mkdir", "mkfifo", "mv", "tee", "touch", "./lab"}
ASSIGNED = re.compile(r"(?:^|(?<=[\s;&|({]))([A-Za-z_]\w*)=\S*|\bfor (\w+) in\b")
VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)")
FUNCTION = re.compile(r"^(\w+)\(\) *\{")
OPENED = re.compile(r"(?<![\w$&])([3-9])[<>]>? ?(?![&>])")
DESCRIPTOR = re.compile(r"[<>]&([3-9])(?!\d)")
FROM_OUTSIDE = {"HOME", "PATH", "PWD", "TMPDIR"}
IN_THE_BACKGROUND = re.compile(r"(?<![<>&])&(?![&>])|\bexec\b")


@functools.lru_cache(maxsize=None)
def mentions(command, functions=frozenset()):
    """What a command makes and uses, in the order in which bash comes to it."""
    code = bash_text.code(command)
    lives = bool(IN_THE_BACKGROUND.search(code))
    found = [Mention(match.start(), Thing("port", match.group()), False, True) for match in PORT.finditer(command)]
    found += files(command, code, lives)
    for match in ASSIGNED.finditer(code):
        found.append(Mention(match.end(), Thing("variable", match.group(1) or match.group(2)), True, "$!" in code))
    for match in VARIABLE.finditer(code):
        if match.group(1) not in FROM_OUTSIDE:
            found.append(Mention(match.start(), Thing("variable", match.group(1)), False, False))
    found += [Mention(match.start(), Thing("function", match.group(1)), True, False) for match in FUNCTION.finditer(code)]
    found += [Mention(0, Thing("function", name), False, False) for name in bash_text.programs(command) & functions]
    found += [Mention(match.start(), Thing("descriptor", match.group(1)), True, True) for match in OPENED.finditer(code)]
    found += [Mention(match.start(), Thing("descriptor", match.group(1)), False, True) for match in DESCRIPTOR.finditer(code)]
    return sorted(found, key=lambda mention: mention.at)


def files(command, code, lives):
    for script in bash_text.SCRIPT.finditer(command):
        begin, end = script.span(1)
        code = code[: begin - 1] + ";" + bash_text.code(script.group(1)) + code[end:]
    for match in FILE.finditer(command):
        first = re.split(r"[;&|(]|\bdo\b", code[: match.start()])[-1].split()[:1]
        if first == ["rm"]:
            continue
        makes = bool(WRITTEN.search(command[: match.start()])) or bool(MAKERS.intersection(first))
        name = re.sub(r"\$\w+", "*", match.group(1))
        yield Mention(match.start(), Thing("file", name), makes, lives and makes)


class Story:
    """The blocks of a page in order, and what each leaves to the next ones."""

    def __init__(self, blocks):
        self.blocks = blocks
        self.functions = frozenset(
            name for block in blocks for command in block.commands for name in FUNCTION.findall(command.text))
        self.made = {}  # Thing: the number of the block that made it last, and whether it lives
        self.scenes = []  # sets of blocks that go on with what lives: a server, and all who talked to it
        self.needed = []  # for each block: {number of an earlier block: the Thing, or None if it only goes on}
        self.opened = {}  # port: the line of the block that mentions it first
        self.unmade = []  # (command, Thing) that nobody has made
        for number, block in enumerate(blocks):
            self.add(number, block)

    def add(self, number, block):
        self.needed.append({})
        # A block that only looks changes nothing: nobody needs it.
        self.scenes.append({number} if not all(only_looks(command.text) for command in block.commands) else set())
        for command in block.commands:
            for mention in mentions(command.text, self.functions):
                if mention.thing.kind == "file" and "/" in mention.thing.name:
                    folder = Thing("file", mention.thing.name.rpartition("/")[0])
                    self.use(number, command, folder)
                for thing in self.named(block, mention.thing):
                    self.use(number, command, thing)
                if mention.makes:
                    self.made[mention.thing] = number, mention.lives
                else:
                    self.use(number, command, mention.thing)

    def named(self, block, thing):
        """The files that a name with a variable in it may stand for: a word of the block is their name."""
        if thing.kind != "file" or "*" not in thing.name:
            return []
        words = {word for command in block.commands for word in re.findall(r"[\w.-]+", command.text)}
        return [made for made in self.made
                if made.kind == "file" and made.name in words and fnmatch.fnmatch(made.name, thing.name)]

    def use(self, number, command, thing):
        maker, lives = self.maker(thing)
        if maker is None and thing.kind == "port":
            self.made[thing] = number, True
            self.opened[thing] = self.blocks[number].at
        elif maker is None:
            self.unmade.append((command, thing))
        elif maker != number:
            self.needed[number].setdefault(maker, thing)
            if lives:
                self.join(number, maker)

    def maker(self, thing):
        """The block that made the thing last, or a folder that it is in; and whether it lives."""
        if thing in self.made:
            return self.made[thing]
        if thing.kind == "file":
            for other, made in reversed(self.made.items()):
                if other.kind == "file" and (fnmatch.fnmatch(thing.name, other.name) or fnmatch.fnmatch(other.name, thing.name)):
                    return made
            if "/" in thing.name:
                return self.maker(Thing("file", thing.name.rpartition("/")[0]))
        return None, False

    def join(self, number, maker):
        scene = self.scenes[maker]
        for member in sorted(scene - self.scenes[number]):
            if member < number:
                self.needed[number].setdefault(member, None)
        scene |= self.scenes[number]
        for member in [*scene, number]:
            self.scenes[member] = scene

    def reasons(self, lack):
        """For each block why it is not run, or nothing. `lack` says what the machine has not for a block."""
        found = []
        for block, needed in zip(self.blocks, self.needed):
            reason = lack(block)
            for number in sorted(needed, key=lambda number: (needed[number] is None, -number)):
                if not reason and found[number]:
                    reason = because(needed[number], self.blocks[number].at, found[number])
            found.append(reason)
        return found


def because(thing, at, reason):
    what = f"it needs {spoken(thing)} of" if thing else "it goes on after"
    return f"{what} the block at line {at + 1}, which was not run: {reason}"


def spoken(thing):
    sign = {"file": "$lab/", "variable": "$"}.get(thing.kind, "")
    return f"{'' if thing.kind == 'port' else 'the '}{thing.kind} {sign}{thing.name}"
