"""What is graded: a program, a folder that holds one, or the address of a running server."""
import contextlib
import os
import re
import select
import socket
import stat
import subprocess
import tempfile
import time

import supervise

START_SECONDS = 10  # for a server's first line
GATE_SECONDS = 120  # until a server that we have lost is ended; long, as a busy machine may make us late ourselves
FLUSH_SECONDS = 1.5  # for that line, once the server listens, on a quiet machine
ADDRESS = re.compile(r"(tcp|udp|ws|http)://(\[[0-9a-fA-F:.]+\]|[^/:]+)(?::(\d+))?(/.*)?$")
DEFAULT_PORTS = {"ws": "80", "http": "80"}


QUICK = 1.0  # seconds that a quick program may take for anything, on a quiet machine
MAX_PATIENCE = 10.0
USUAL_START = 0.3  # seconds until the first line of a program in an interpreter, on a quiet machine


def clean_environment(folder):
    """What a program of the student's is started with: a setting of the shell (PYTHONUNBUFFERED, say) could hide a fault."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": folder, "TMPDIR": folder}


class Fault(Exception):
    """Why the target cannot be graded further: one sentence for the student."""


class Program:
    """A program of any name: the cases find it under the step's name in a folder of links."""

    def __init__(self, path, step):
        self.patience = patience(0)
        self.variant = {}  # what differs from student to student: {variable of the environment: value}
        self.jobs = 2 * (os.cpu_count() or 1)  # cases side by side: most of them wait
        self.path = path
        self.step = step
        self.links = tempfile.TemporaryDirectory(prefix="lab-grade.")
        os.symlink(path, os.path.join(self.links.name, step))

    def environment(self):
        return {**self.variant, "LAB_BIN": self.links.name}

    def name(self):
        return self.path

    def close(self):
        self.links.cleanup()


class Address:
    """A server that runs already, perhaps elsewhere: cases that would start or stop it are left out."""

    def __init__(self, url, host, port):
        self.patience = MAX_PATIENCE
        self.variant = {}
        self.jobs = 1  # cases side by side would be clients of one server, and disturb each other
        self.url = url
        self.host = host
        self.port = port

    def environment(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return {**self.variant, "LAB_SERVER": f"{host}:{self.port}"}

    def name(self):
        return self.url

    def close(self):
        pass


def patience(start):
    """Seconds that the program may take for one thing, if it took `start` seconds to its first line.

    A slow program and a busy machine cost no mark: both make the start slow, and so the patience long.
    """
    return min(MAX_PATIENCE, QUICK * max(load(), start / USUAL_START))


def load():
    """How many programs share a processor: 1 on a quiet machine."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def find(word, step, caller):
    """The target that the word names, seen from the folder of the caller. Raises Fault."""
    found = ADDRESS.match(word)
    if found:
        scheme, host, port = found.group(1), found.group(2).strip("[]"), found.group(3)
        port = port or DEFAULT_PORTS.get(scheme)
        if not port:
            raise Fault(f"{word} names no port")
        if scheme != "udp":
            reach(host, port, word)
        return Address(word, host, port)
    path = os.path.join(caller, os.path.expanduser(word))
    if os.path.isdir(path):
        path = program_in(path, word, step)
    if not os.path.lexists(path):
        raise Fault(f"there is no {word}")
    check_executable(path, word)
    return Program(os.path.realpath(path), step)


def reach(host, port, word):
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except (OSError, OverflowError) as error:
        raise Fault(f"nothing accepts connections at {word}: {getattr(error, 'strerror', None) or error}") from error


def program_in(folder, word, step):
    """The program of the step in a folder: named as the step, or the only executable file in it."""
    named = os.path.join(folder, step)
    if os.path.lexists(named) and not os.path.isdir(named):
        return named
    files = [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if not name.startswith(".")]
    programs = [path for path in files if os.path.isfile(path) and os.access(path, os.X_OK)]
    if len(programs) == 1:
        return programs[0]
    if programs:
        names = ", ".join(os.path.basename(path) for path in programs)
        raise Fault(f"{word} holds no {step}, and several programs: {names}. Name one of them")
    scripts = [path for path in files if path.endswith((".py", ".js", ".mjs", ".rb", ".pl", ".sh"))]
    if scripts:
        raise Fault(f"{word} holds no program that can be started: chmod +x {scripts[0]}")
    raise Fault(f"{word} holds no program: perhaps it is the folder with your sources, before they were built")


def check_executable(path, word):
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise Fault(f"{word} is not a file")
    with open(path, "rb") as file:
        first = file.readline(256)
    if not os.access(path, os.X_OK):
        advice = f"chmod +x {word}"
        if not first.startswith((b"#!", b"\x7fELF")) and path.endswith(".py"):
            advice += ", and begin the file with #!/usr/bin/env python3"
        raise Fault(f"{word} is not executable: {advice}")
    if first.startswith(b"#!"):
        if first.endswith(b"\r\n"):
            raise Fault(f"the first line of {word} ends with CR LF: save the file with Unix line ends")
        interpreter = first[2:].split()[0].decode(errors="replace") if first[2:].split() else ""
        if not os.path.exists(interpreter):
            raise Fault(f"{word} names an interpreter that is not there: {interpreter or 'an empty line'}")
    elif b"\0" not in first and not first.startswith((b"\x7fELF", b"\xcf\xfa", b"\xca\xfe")):
        raise Fault(f"{word} is a script without a first line that names its interpreter: #!/usr/bin/env python3, for one")


# --- the gate: does its server start as every case needs it? ----------------------------------------


def gate(program):
    """Starts the server once, as a case would. Returns the seconds until its first line; raises Fault."""
    begin = time.monotonic()
    command = supervise.command(GATE_SECONDS, [os.path.join(program.links.name, program.step), "server", "--port", "0"])
    with tempfile.TemporaryDirectory(prefix="lab-grade.") as folder, tempfile.TemporaryFile() as errors:
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors,
                                  cwd=folder, env=clean_environment(folder))
        try:
            line = first_line(server, begin + START_SECONDS, kind_of(program))
            seconds = time.monotonic() - begin
            errors.seek(0)
            said = errors.read(65536).decode("utf-8", errors="replace").strip().splitlines()
            check_first_line(program, server, line, said)
            return seconds
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


def kind_of(program):
    return "udp" if program.step.startswith("03") else "tcp"


def first_line(server, deadline, kind):
    """What has come on stdout by the end of its first line, or until there is no hope that it comes."""
    data = b""
    hopeful_until = deadline
    while b"\n" not in data and len(data) < 4096:
        # We may be late ourselves on a busy machine: what has come until then counts.
        late = time.monotonic() >= hopeful_until
        if select.select([server.stdout], [], [], 0 if late else 0.1)[0]:
            piece = os.read(server.stdout.fileno(), 4096)
            if not piece:
                break
            data += piece
        elif late:
            break
        elif hopeful_until == deadline and ports_of(server.pid, kind):
            hopeful_until = min(deadline, time.monotonic() + FLUSH_SECONDS * load())
    return data


def check_first_line(program, server, line, said):
    found = re.match(rb"listening on (.+):(\d+)\r?\n", line)
    if not found:
        raise Fault(why_not_listening(program, server, line, said))
    host, port = found.group(1).decode(errors="replace").strip("[]"), int(found.group(2))
    if port == 0:
        raise Fault("the server prints port 0: print the port that the kernel chose; getsockname(2) tells it")
    if kind_of(program) == "udp":
        ports = ports_of(server.pid, "udp")
        if ports and port not in ports:
            raise Fault(f"the server says that it listens on port {port}, but it has bound {numbers(ports)}")
        return
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        if ended := how_it_ended(program, server):
            raise Fault(f"after it had printed that it listens, {ended}{last_words(said)}")
        ports = ports_of(server.pid, "tcp")
        where = f": it listens on {numbers(ports)}" if ports else ": call listen(2) before you print the line"
        raise Fault(f"the server says that it listens on port {port}, but nothing accepts connections there{where}")


def how_it_ended(program, server):
    """How the server has ended, without a full stop; "" if it runs on."""
    try:
        status = server.wait(0.5)
    except subprocess.TimeoutExpired:
        return ""
    name = f"`{os.path.basename(program.path)} server --port 0`"
    if status in supervise.WHY_ENDED:
        return f"{name} was ended: {supervise.WHY_ENDED[status]}"
    return f"{name} ended with " + (f"exit status {status}" if status <= 128 else f"signal {status - 128}")


def last_words(said):
    return f". Its last words on stderr: {said[-1]}" if said else ""


def why_not_listening(program, server, line, said):
    if line:
        shown = line.split(b"\n")[0][:80].decode("utf-8", errors="replace")
        return f'the first line on stdout must be "listening on HOST:PORT"; it is "{shown}"'
    if ended := how_it_ended(program, server):
        return f"before it listened, {ended}{last_words(said)}"
    ports = ports_of(server.pid, kind_of(program))
    if any("listening on " in text for text in said):
        return 'the line "listening on HOST:PORT" came on stderr: print it on stdout'
    if ports:
        return (f"the server listens on {numbers(ports)}, but its line \"listening on HOST:PORT\" has not come: "
                "print it, and flush stdout, because output to a pipe waits in a buffer")
    return f"the server has neither listened nor printed a line within {START_SECONDS} s{last_words(said)}"


def numbers(ports):
    return "port " + " and ".join(map(str, sorted(ports)))


def ports_of(supervisor, kind):
    """The ports on which what the supervisor runs listens (tcp) or that it has bound (udp). Linux only; elsewhere none."""
    sockets = set()
    for process in supervise.descendants(supervisor):
        with contextlib.suppress(OSError):
            for name in os.listdir(f"/proc/{process}/fd"):
                sockets.add(os.readlink(f"/proc/{process}/fd/{name}"))
    found = set()
    for table in (kind, kind + "6"):
        try:
            with open(f"/proc/net/{table}", encoding="ascii") as file:
                lines = [line.split() for line in file.readlines()[1:]]
        except OSError:
            continue
        for fields in lines:
            if f"socket:[{fields[9]}]" in sockets and (kind == "udp" or fields[3] == "0A"):
                found.add(int(fields[1].rpartition(":")[2], 16))
    return found
