"""What a page says about the tree, looked up in the tree: links, paths, symbols, excerpts, `./lab` words.

And that each block is run, or says in the line above it why not.
"""
import functools
import os
import re

import chain
import needs
import page

FENCE = re.compile(r" *(?:```|~~~)")
LINK = re.compile(r"\[[^]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ +(.*)")
CODE = re.compile(r"`([^`]+)`")
LAB = re.compile(r"(?<![\w/])\./lab ([a-z]+)(?: ([0-9]\w*))?")
NOT_RUN = re.compile(r"<!-- (?:not run: \S.*|as the course notes have it) -->$")
# What one types, where nothing types it: at the beginning of a line of a block.
TYPED = re.compile(r" *(?:\$ |\./lab |build/bin/)")
EXCERPT = re.compile(r"<!-- excerpt: ([^#\s]+)(?:#(\S+))? -->$")
FILE_NAME = re.compile(r"[\w.-]+\.(?:cpp|hpp|py|sh|md|html|css|js|mjs|conf|txt|cmake|json)")
SYMBOL = re.compile(r"(?:\w+::)*(?:(\w+)\(\)|([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+)|(?<=::)(\w+))")
PLACE = re.compile(r"[Ii]n `([\w./-]+\.[ch]pp)`, `(\w+)`|`(\w+)\(\)` in `([\w./-]+\.[ch]pp)`")
TAKE_OUT = re.compile(r"[Tt]ake (?:the line )?`([^`]+)` out|[Tt]ake out `([^`]+)`")
# What only the languages and libraries know by these names.
FOREIGN = {"UnicodeDecodeError", "ValueError", "ConnectionResetError", "JavaScript"}


def faults(lines, path, root):
    """All (line number, sentence) that are not so."""
    tree = Tree(root)
    found = [*faults_of_commands(lines, root), *blocks_not_run(lines)]
    fenced = False
    for at, line in enumerate(lines):
        found += [(at, text) for text in wrong_words(line, tree)]
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            found += [(at, text) for text in faults_of_line(line, path, tree)]
    return found


def faults_of_line(line, path, tree):
    yield from wrong_links(line, path, tree)
    yield from wrong_paths(line, tree)
    yield from wrong_symbols(line, path, tree)
    yield from wrong_places(line, path, tree)


# --- the tree -------------------------------------------------------------------------------------


class Tree:
    """The files of the repository."""

    def __init__(self, root):
        self.root = root
        self.files = list_files(root)
        self.names = {os.path.basename(file) for file in self.files}
        self.folders = {folder for file in self.files for folder in folders_of(file)}
        self.top = {file.split("/")[0] for file in self.files}

    def has(self, name):
        """Whether there is such a file, or folder, or a source of this name: common/http/head."""
        name = name.rstrip("/")
        return name in self.files or name in self.folders or bool(self.sources(name))

    def sources(self, name):
        return [name + end for end in (".hpp", ".cpp") if name + end in self.files]

    def read(self, file):
        with open(os.path.join(self.root, file), encoding="utf-8", errors="replace") as text:
            return text.read()

    def source_of(self, step, name):
        """The file that a page of this step means by a name: of its folder, or of the tree."""
        for file in (f"{step}/{name}", name, f"common/{name}", f"tests/{name}"):
            if file in self.files:
                return file
        return None

    def words(self):
        return words_in(self.root)


@functools.lru_cache(maxsize=None)
def list_files(root):
    """All files of the tree that are not built: relative names."""
    files = set()
    for folder, inner, names in os.walk(root):
        inner[:] = [name for name in inner if not re.match(r"\.git$|build|__pycache__$", name)]
        files.update(os.path.relpath(os.path.join(folder, name), root) for name in names)
    return frozenset(files)


@functools.lru_cache(maxsize=None)
def words_in(root):
    """Every identifier in the sources."""
    words = set()
    for file in list_files(root):
        if re.search(r"\.(?:[ch]pp|js|mjs|py|html)$", file) and not file.startswith("tests/lessons/"):
            with open(os.path.join(root, file), encoding="utf-8", errors="replace") as text:
                words.update(re.findall(r"[^\W\d]\w*", text.read()))
    return frozenset(words)


def folders_of(file):
    while "/" in file:
        file = file.rpartition("/")[0]
        yield file


def anchors(text):
    """The #anchors that a forge makes of the headings."""
    found = set()
    fenced = False
    for line in text.split("\n"):
        if FENCE.match(line):
            fenced = not fenced
        heading = None if fenced else HEADING.match(line)
        if heading:
            words = re.sub(r"[^\w\- ]", "", heading.group(1).lower())
            found.add(words.strip().replace(" ", "-"))
    return found


# --- what may be wrong ----------------------------------------------------------------------------


def wrong_links(line, path, tree):
    for target in LINK.findall(CODE.sub("`code`", line)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = os.path.normpath(os.path.join(os.path.dirname(path), name)) if name else path
        file = os.path.relpath(file, tree.root)
        if not tree.has(file):
            yield f"there is no {target}"
        elif anchor and anchor not in anchors(tree.read(file)):
            yield f"{file} has no heading for #{anchor}"


def wrong_paths(line, tree):
    for name in CODE.findall(line):
        if "/" in name:
            is_path = re.fullmatch(r"[\w./-]+", name) and name.split("/")[0] in tree.top
            if is_path and not tree.has(name):
                yield f"there is no `{name}`"
        elif FILE_NAME.fullmatch(name) and name not in tree.names:
            yield f"there is no file `{name}`"


def wrong_symbols(line, path, tree):
    """Symbols in a line that links or names sources are in one of them, all others somewhere."""
    for name in CODE.findall(line):
        symbol = SYMBOL.fullmatch(name)
        if not symbol:
            continue
        for word in re.findall(r"\w+", name):
            if word not in FOREIGN and word not in tree.words():
                yield f"`{name}`: no source has {word}"
    linked = [os.path.relpath(os.path.normpath(os.path.join(os.path.dirname(path), target)), tree.root)
              for target in LINK.findall(line)]
    linked = [file for file in linked if file in tree.files and re.search(r"\.(?:[ch]pp|py|js|mjs)$", file)]
    if linked:
        text = "\n".join(tree.read(file) for file in linked)
        for name in CODE.findall(re.sub(r"\[[^]]*\]\([^)]*\)", "", line)):
            if SYMBOL.fullmatch(name):
                for word in re.findall(r"\w+", name):
                    if not re.search(rf"\b{word}\b", text):
                        yield f"`{name}`: {word} is not in {', '.join(linked)}"


def wrong_places(line, path, tree):
    """In `file`, `function`, take out `code`: all three are there."""
    step = os.path.basename(path).rpartition(".")[0]
    for name, function, function_before, name_behind in PLACE.findall(line):
        name, function = name or name_behind, function or function_before
        file = tree.source_of(step, name)
        text = tree.read(file) if file else ""
        if not re.search(rf"\b{function}\b", text):
            yield f"{name} has no `{function}`"
        for code in (first or second for first, second in TAKE_OUT.findall(line)):
            if code not in text:
                yield f"{name} has no `{code}`"


def faults_of_commands(lines, root):
    """What blocks need of the machine or of each other, and do not say or cannot have."""
    story = chain.Story(page.parse(lines))
    for command, thing in story.unmade:
        yield command.at, f"no block above makes {chain.spoken(thing)}"
    for block in story.blocks:
        used = [(command, needs.used(command.text, root)) for command in block.commands]
        for command, tools in used:
            for tool in sorted(tools - set(block.needs)):
                yield command.at, f"this needs {tool}: the line above the block has to say so"
            for name in sorted(needs.unknown(command.text, story.functions)):
                yield command.at, f"{name}: tests/lessons/needs.py has to say which package has it"
        for need in sorted(needs.SEEN.intersection(block.needs)):
            if not any(need in tools for _, tools in used):
                yield block.at, f"no command here uses {need}: what other blocks need is found without saying it"


def blocks_not_run(lines):
    """Blocks that are neither run nor an excerpt, and do not say why."""
    begin = None
    for at, line in enumerate(lines):
        if begin is None and FENCE.match(line):
            begin = at
            yield from fault_of_block(lines, at)
        elif begin is not None and line.strip() in ("```", "~~~"):
            begin = None
        elif begin is not None and lines[begin] == "```text" and TYPED.match(line):
            yield at, "a command in a text block is not run: make it a console block"
    if begin is not None:
        yield begin, "this block does not end"


def fault_of_block(lines, at):
    above = lines[at - 1] if at else ""
    if lines[at] == "```console":
        if not lines[at + 1 :] or not lines[at + 1].startswith("$ "):
            yield at, "a console block begins with a command: $ and a space"
    elif lines[at] != "```text" and not NOT_RUN.match(above) and not EXCERPT.match(above):
        yield at, (f"{lines[at].strip()} is not run: make it a console block, or say in the line above what it is: "
                   "<!-- excerpt: FILE#NAME -->, <!-- not run: REASON --> or <!-- as the course notes have it -->")


def wrong_words(line, tree):
    """`./lab WORD STEP`: both are known."""
    if "lab" not in tree.files:
        return
    patterns = re.findall(r"^    ([a-z][a-z |-]*)\) ", tree.read("lab"), re.MULTILINE)
    known = {name for names in patterns for name in names.split(" | ")}
    for word, step in LAB.findall(line):
        if word not in known:
            yield f"./lab knows no word {word}"
        if step and not any(folder.partition("_")[0] == step or folder == step for folder in tree.folders):
            yield f"./lab {word} {step}: there is no such step"


# --- excerpts -------------------------------------------------------------------------------------


def excerpt(text, name):
    """The lines between `lesson: name` and `lesson end` in a source, without their common indent."""
    found = re.search(rf"^[ \t]*(?://|#) lesson: {re.escape(name)}\n(.*?)^[ \t]*(?://|#) lesson end$",
                      text, re.MULTILINE | re.DOTALL)
    if not found:
        return None
    lines = found.group(1).rstrip("\n").split("\n")
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[indent:] for line in lines]


def with_excerpts(lines, root):
    """The page's lines with each excerpt as the source has it now, and what is wrong with them.

    An excerpt without a #name has no markers: it stands somewhere in the source as it stands here.
    """
    result = []
    problems = []
    at = 0
    while at < len(lines):
        result.append(lines[at])
        found = EXCERPT.match(lines[at])
        at += 1
        if not found:
            continue
        begin = at + 1
        if not FENCE.match("".join(lines[at:begin])) or "```" not in lines[begin:]:
            problems.append((at - 1, "excerpt: no block is below"))
            continue
        end = lines.index("```", begin)
        code, problem = code_of(found, lines[begin:end], root)
        if problem:
            problems.append((at - 1, problem))
        result += [lines[at], *code, "```"]
        at = end + 1
    return result, problems


def code_of(found, shown, root):
    file, name = found.groups()
    try:
        with open(os.path.join(root, file), encoding="utf-8") as source:
            text = source.read()
    except OSError:
        return shown, f"excerpt: there is no {file}"
    if not name:
        is_there = "\n" + "\n".join([*shown, ""]) in "\n" + text
        return shown, None if shown and is_there else f"{file} has no such lines"
    code = excerpt(text, name)
    return code or shown, None if code else f"{file} has no lines marked `lesson: {name}`"
