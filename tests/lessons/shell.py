"""The bash that runs a page's commands, with ports and files of its own, so that pages run side by side."""
import fcntl
import os
import random
import re
import selectors
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def alone(digits):
    """The pattern of a number beside which no digit stands, and no letter: a hash in hex holds any digits."""
    return rf"(?<![0-9A-Za-z]){digits}(?![0-9A-Za-z])"


# 12345 is the port in the course notes' programs, which pages change with sed: it stays.
PORT = re.compile(alone(r"1(?:2(?!345)|3)\d{3}"))
# What bash itself says about jobs that end.
NOTICE = re.compile(r"^(bash: line \d+: +\d+ [A-Z][a-z]+|\[\d+\][+-]? ).*\n", re.MULTILINE)
LOOKS = {"awk", "cat", "cut", "grep", "head", "ls", "od", "ps", "sed", "sort", "ss", "tail", "tr", "wc", "xxd"}


def only_looks(command):
    """Whether the command only reads: then it can be given again, until there is something to see."""
    try:
        lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        words = list(lexer)
    except ValueError:
        return False
    if "-i" in words:
        return False
    begins = True
    for word in words:
        if begins and word not in LOOKS:
            return False
        begins = word == "|"
        if word == "<":
            continue
        if not begins and set(word) <= set("();<>|&"):
            return False
    return bool(words)


# --- a stage of its own ---------------------------------------------------------------------------


def is_free(port):
    """Whether nobody has the port, neither for TCP nor for UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                return False
    return True


def reserve(count):
    """`count` free ports of five digits, and the socket that keeps other runners off them.

    They lie below those that the kernel gives to clients, and below those that other tests and
    `./lab tour` choose, which begin at 20000. Each hundred has one owner: who could bind its first
    port.
    """
    hundreds = list(range(11000, 20000, 100))
    random.shuffle(hundreds)
    for first in hundreds:
        owner = socket.socket()
        try:
            owner.bind(("127.0.0.1", first))
        except OSError:
            owner.close()
            continue
        ports = range(first + 1, first + 1 + count)
        if all(is_free(port) for port in ports):
            return ports, owner
        owner.close()
    raise RuntimeError("there are not enough free ports")


class Stage:
    """Where a page is played: ports of its own for the page's, there and back, and a folder of its own.

    It is the TMPDIR of all that runs here, so `./lab scratch` names a folder within.
    """

    def __init__(self, commands, build="build"):
        named = sorted({port for command in commands for port in PORT.findall(command)})
        ports, self.owner = reserve(len(named))
        self.scratch = os.path.realpath(tempfile.mkdtemp(prefix="lab-lesson."))
        self.there = dict(zip(named, map(str, ports)))
        self.back = {actual: shown for shown, actual in self.there.items()}
        self.back[self.scratch + "/"] = "/tmp/"
        for folder in ("bin", "tests"):
            self.there[f"build/{folder}/"] = f"{build}/{folder}/"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.owner.close()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def to_run(self, command):
        return replace(self.there, command)

    def to_show(self, output):
        return replace(self.back, output)


def replace(table, text):
    """The text with each key of the table replaced; a number only where it stands alone."""
    keys = [alone(key) if key.isdigit() else re.escape(key) for key in table]
    return re.sub("|".join(keys), lambda found: table[found.group()], text)


# --- the shell ------------------------------------------------------------------------------------

KILL_SECONDS = 30  # for all that a page has started to end: on a busy machine that takes a while


class Stuck(Exception):
    """A command did not end in time, or ended the shell."""


class Shell:
    """One bash in a session of its own. Each command reads nothing, and tells its end on a pipe.

    Files that nobody names go to the folder `scratch`.

    What bash itself says about jobs that end is not shown: it goes to no one's stderr.
    """

    def __init__(self, folder, scratch):
        self.ends, end = os.pipe()
        self.end = fcntl.fcntl(end, fcntl.F_DUPFD, 60)  # small numbers are the page's
        environment = dict(os.environ, LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1", TMPDIR=scratch,
                           XDG_CONFIG_HOME=scratch, XDG_CACHE_HOME=scratch, no_proxy="*")
        self.bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, cwd=folder, env=environment, pass_fds=[self.end],
            start_new_session=True)
        os.close(end)
        os.close(self.end)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.ends, selectors.EVENT_READ)
        self.selector.register(self.bash.stdout, selectors.EVENT_READ)
        self.heard = b""
        self.write("set -m")

    def write(self, text):
        self.bash.stdin.write(text.encode() + b"\n")
        self.bash.stdin.flush()

    def run(self, command, seconds):
        """Runs the command to its end. What it prints gathers in output()."""
        self.write(f"{{ {command}\n}} </dev/null 2>&1 {self.end}>&-\necho >&{self.end}")
        deadline = time.monotonic() + seconds
        while not self.listen(deadline - time.monotonic()):
            if time.monotonic() > deadline:
                raise Stuck(f"has not ended after {seconds:g} s")

    def listen(self, seconds):
        """Waits for output, or for a command's end: then true, and all that it printed is heard."""
        ended = False
        for key, _ in self.selector.select(max(seconds, 0)):
            data = os.read(key.fd, 65536)
            if not data:
                raise Stuck("has ended the shell")
            if key.fd == self.ends:
                ended = True
            else:
                self.heard += data
        while ended and self.has_output():
            self.heard += os.read(self.bash.stdout.fileno(), 65536)
        return ended

    def has_output(self):
        return any(key.fd != self.ends for key, _ in self.selector.select(0))

    def output(self):
        """All lines since the last forget()."""
        text = NOTICE.sub("", self.heard.decode(errors="replace"))
        return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []

    def at_line_end(self):
        return not self.heard or self.heard.endswith(b"\n")

    def forget(self):
        self.heard = b""

    def close(self):
        self.kill()
        self.bash.wait()
        self.selector.close()
        for file in (self.bash.stdin, self.bash.stdout):
            file.close()
        os.close(self.ends)

    def kill(self):
        """Ends everything that was started here, without asking."""
        deadline = time.monotonic() + KILL_SECONDS
        while members := session(self.bash.pid):
            for process in members:
                send_kill(process)
            self.bash.poll()
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)


def session(leader):
    """The processes of a session that still run."""
    if os.path.isdir("/proc/self"):
        processes = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    else:
        listing = subprocess.run(["ps", "-A", "-o", "pid="], stdout=subprocess.PIPE, check=True)
        processes = [int(number) for number in listing.stdout.split()]
    return [process for process in processes if session_of(process) == leader and not is_dead(process)]


def session_of(process):
    try:
        return os.getsid(process)
    except OSError:
        return None


def is_dead(process):
    """Whether the process has ended, and only its parent has not asked how."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return False


def send_kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass
