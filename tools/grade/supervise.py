#!/usr/bin/env python3
"""Runs one command, and ends everything that it has left behind.

    supervise.py SECONDS COMMAND...

The command gets a session of its own, and limits on what it and its children may take. Its output goes
where ours goes, and its exit status is ours: 128 + N after signal N, 126 if it could not be started, and one of
WHY_ENDED where we have ended it. Whatever it started becomes our child when its parent ends (Linux), so
that nothing can leave by forking.
"""
import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time

TIMED_OUT, TOO_MANY_PROCESSES, TOO_MUCH_MEMORY, TOO_MANY_FILES = 124, 121, 122, 123

PR_SET_CHILD_SUBREAPER = 36
MAX_FILE = 256 * 1024 * 1024  # bytes in one file, the captured output included
MAX_TASKS = 4096  # processes and threads of the user; the system does not hold root to it
MAX_PROCESSES = 300  # of one case
ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PAGE = resource.getpagesize()
MAX_MEMORY = min(4 * 1024**3, os.sysconf("SC_PHYS_PAGES") * PAGE // 2)  # bytes, of all processes of one case
MAX_FOLDER = 1024**3  # bytes in the folder in which the case runs
MAX_FILES = 1000  # in that folder
WHY_ENDED = {
    TIMED_OUT: "it had not ended in time",
    TOO_MANY_PROCESSES: f"it had started over {MAX_PROCESSES} processes",
    TOO_MUCH_MEMORY: f"it had taken over {MAX_MEMORY / 2**30:.1f} GiB of memory",
    TOO_MANY_FILES: "it had filled its folder",
}
LOOK_SECONDS = 0.5  # between two looks at how much it takes


def command(seconds, words):
    """The command line that has this file run the command `words`, at most so many seconds."""
    return [sys.executable, "-I", "-S", "-B", os.path.abspath(__file__), str(seconds), *words]


def become_reaper():
    """Makes orphans of the command our children; false where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def go_before_others():
    """Lets us run before a thousand processes that want to, where we have the right to: else they would never end."""
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))


def prepare():
    for kind, limit in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, MAX_FILE), (resource.RLIMIT_NPROC, MAX_TASKS)):
        hard = resource.getrlimit(kind)[1]
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def descendants(root):
    """The processes that come from `root`: {number: bytes in memory}. Empty where there is no /proc."""
    children = {}
    memory = {}
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        if name.isdigit():
            # A process that has ended meanwhile has nothing to say.
            with contextlib.suppress(OSError, IndexError):
                # Unbuffered: this is read for each process of the machine, twice a second.
                with open(f"/proc/{name}/stat", "rb", buffering=0) as file:
                    fields = file.read(1024).rpartition(b")")[2].split()
                children.setdefault(int(fields[1]), []).append(int(name))
                memory[int(name)] = int(fields[21]) * PAGE
    found = {}
    waiting = [root]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found[child] = memory[child]
            waiting.append(child)
    return found


def takes_too_much():
    """The status that says what the command and its children have too much of, or None."""
    found = descendants(os.getpid())
    if len(found) > MAX_PROCESSES:
        return TOO_MANY_PROCESSES
    if sum(found.values()) > MAX_MEMORY:
        return TOO_MUCH_MEMORY
    return TOO_MANY_FILES if holds_too_much(os.getcwd()) else None


def holds_too_much(folder):
    """Whether the folder is over a limit. The look ends there: a list of all names has no end while the program adds more."""
    folders = [folder]
    count = size = 0
    while folders:
        # A file that is gone meanwhile has no size.
        with contextlib.suppress(OSError), os.scandir(folders.pop()) as entries:
            for entry in entries:
                count += 1
                with contextlib.suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                if count > MAX_FILES or size > MAX_FOLDER:
                    return True
    return False


def send(number, processes):
    for process in processes:
        with contextlib.suppress(OSError):
            os.kill(process, number)


def end_all(process):
    """Kills until nothing is left. What is stopped first cannot fork while others are killed."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return  # a process that loses its parent becomes our child (Linux): so nothing is left
        left = descendants(os.getpid())
        send(signal.SIGSTOP, left)
        send(signal.SIGKILL, left)
        time.sleep(0.01)


def watched(process, seconds):
    """Waits for the process at most so long: its exit status, or why it has to be ended."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            status = process.wait(min(left, LOOK_SECONDS))
            return status if status >= 0 else 128 - status
        except subprocess.TimeoutExpired:
            if (status := takes_too_much()) is not None:
                return status
    return TIMED_OUT


def supervise(seconds, words):
    """Runs the command in this process, which gets its children; returns the exit status."""
    become_reaper()
    go_before_others()
    for number in ENDING:
        signal.signal(number, lambda *_: sys.exit(143))
    # A signal that came before we know the command would leave it behind.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        started = subprocess.Popen(words, start_new_session=True, preexec_fn=prepare)
    except OSError as error:
        print(f"{words[0]}: {error.strerror}", file=sys.stderr)
        return 126
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        return watched(started, seconds)
    finally:
        end_all(started)


class Supervised:
    """A command that a child of this process supervises. The child is forked: a second Python would take longer to
    start than most cases run. `output` gets what the command prints, on both streams."""

    def __init__(self, seconds, words, output, folder, environment):
        # The child waits for the parent's copy of its signals: none may come before it has its own handlers.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                self.live(seconds, words, output, folder, environment)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @staticmethod
    def live(seconds, words, output, folder, environment):
        """All that the child does. It never returns: the rest of this program is not its own."""
        status = 126
        try:
            os.chdir(folder)
            os.environ.clear()
            os.environ.update(environment)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
            status = supervise(seconds, words)
        except SystemExit as ended:
            status = ended.code
        finally:
            os._exit(status)

    def wait(self):
        """The exit status, as that of this file."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def end(self):
        """Has it end the command soon, even if the command has stopped it; wait() tells when that is done."""
        send(signal.SIGTERM, [self.pid])
        send(signal.SIGCONT, [self.pid])


if __name__ == "__main__":
    sys.exit(supervise(float(sys.argv[1]), sys.argv[2:]))
