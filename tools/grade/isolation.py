"""Keeps the program of one student away from all else: another user, no network but loopback, its own folder.

What this machine and our rights do not allow is left out, and missing() says so.
"""
import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading

FIRST_USER = 61200  # the first of the user numbers that programs run as; nobody has them
SLOTS = 256  # user numbers of one Isolation
MOST_AT_ONCE = 16  # Isolations on one machine
TRIAL_USER = FIRST_USER + SLOTS * MOST_AT_ONCE  # tries what a user can do; all that runs as one before it may be ended
LOCKS = next((folder for folder in ("/run/lock", "/tmp") if os.access(folder, os.W_OK)), "/tmp")
MAX_COPIED = 64 * 1024**2  # bytes of a submission that are copied
MAX_FILES = 5000

# `lo` is down in a new network namespace: SIOCSIFFLAGS (netdevice(7)) brings it up.
LOOPBACK_UP = ("import fcntl, os, socket, struct, sys; s = socket.socket(); "
               "fcntl.ioctl(s, 0x8914, struct.pack('16sh14x', b'lo', 0x1 | 0x40)); s.close(); os.execvp(sys.argv[1], sys.argv[1:])")


class TooMuch(Exception):
    """Why something is not graded: one sentence."""


class Isolation:
    """How programs are kept apart here: found out once, used for each."""

    def __init__(self):
        self.other_user = os.geteuid() == 0
        self._claiming = threading.Lock()  # guards _users
        self._users = None  # the lock of the user numbers, once they are needed, and the first of them
        self.no_network = self._works([*self._loopback_only(), "true"])
        #: The Python that runs the grader. Root's own may stand where nobody else may look.
        self.python = next(filter(self._can_run, (sys.executable, "/usr/bin/python3")), None)

    def missing(self):
        """What could not be isolated, one sentence each. Raises TooMuch where programs would run as root."""
        said = []
        if not self.python:
            raise TooMuch("Programs would run as root, since another user can read neither the lab nor a Python: "
                          "put the lab where everybody can read it, or grade as an ordinary user")
        if not self.other_user:
            said.append("Programs run as you, and can read and change what you can: only root can give them another user.")
        if not self.no_network:
            said.append("Programs can reach the network: this system gives us no network namespace.")
        return said

    def user(self, slot):
        """The number of the user in the place number `slot`. No other class that is graded on this machine has it: what
        runs as this user is ended together. Raises OSError."""
        with self._claiming:
            self._users = self._users or self._claim()
            return self._users[1] + slot

    @staticmethod
    def _claim():
        """The lock of a row of user numbers that nobody else has, and the first of them. The lock ends with this process.
        Raises OSError where no lock is to be had: that is a fault of the grader."""
        for number in range(MOST_AT_ONCE):
            # Another user's file of this name, too, is one that we have no lock of.
            with contextlib.suppress(BlockingIOError, PermissionError):
                lock = os.fdopen(os.open(f"{LOCKS}/lab-class.{number}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600), "r+b")
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock, FIRST_USER + SLOTS * number
        raise OSError(f"{MOST_AT_ONCE} classes are graded on this machine already")

    def _loopback_only(self):
        """The words before a command that leave it no network but loopback."""
        rights = [] if self.other_user else ["--user", "--map-current-user"]
        return ["unshare", *rights, "--net", sys.executable, "-I", "-S", "-c", LOOPBACK_UP]

    def _can_run(self, python):
        """Whether the user that programs run as can run the grader with this Python."""
        # setpriv still has root's rights when it starts a program: what that program may start is what counts.
        again = [python, "-c", "import os, sys; os.execv(sys.argv[1], sys.argv[1:])"]
        return self._works(self._as_user(TRIAL_USER, [*again, python, "-c", "import sys, tomllib; open(sys.argv[1])", os.path.abspath(__file__)]))

    def _works(self, words):
        with contextlib.suppress(OSError):
            return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
        return False

    def _as_user(self, user, words):
        """The command that runs `words` as this user, and without a network, as far as we may."""
        if self.other_user:
            words = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", *words]
        return [*self._loopback_only(), *words] if self.no_network else words

    def command(self, words, slot):
        """The command that runs `words` in the place number `slot`, apart from those in the others. Raises OSError."""
        return self._as_user(self.user(slot) if self.other_user else 0, words)

    def clear(self, slot):
        """Ends all that runs as the user of the place: kill(2) reaches all of it at once, whatever it forks."""
        if self.other_user:
            words = ["-I", "-S", "-c", "import os; os.kill(-1, 9)"]
            user = self.user(slot)
            subprocess.run([self.python, *words], stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, group=user,
                           extra_groups=[], check=False)

    @contextlib.contextmanager
    def folder(self, submission, slot):
        """A copy of the submission in a folder of its own, which only its user can read; gone afterwards."""
        folder = tempfile.mkdtemp(prefix="lab-class.")
        try:
            copy(submission, os.path.join(folder, "submission"))
            os.mkdir(os.path.join(folder, "tmp"))
            if self.other_user:
                for place, inner, names in os.walk(folder):
                    for name in [".", *inner, *names]:
                        os.chown(os.path.join(place, name), self.user(slot), self.user(slot), follow_symlinks=False)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def copy(submission, destination):
    """Copies a file or a folder: links are left out, as they could lead elsewhere, and so is
    all that is no file, and Git's own folder."""
    if os.path.isfile(submission):
        os.mkdir(destination)
        copy_file(submission, os.path.join(destination, os.path.basename(submission)), 0)
        return
    size = count = 0
    for place, inner, names in os.walk(submission):
        inner[:] = sorted(name for name in inner if name != ".git" and not os.path.islink(os.path.join(place, name)))
        target = os.path.normpath(os.path.join(destination, os.path.relpath(place, submission)))
        os.makedirs(target, exist_ok=True)
        for name in sorted(names):
            count += 1
            if count > MAX_FILES:
                raise TooMuch(f"there are more than {MAX_FILES} files")
            size += copy_file(os.path.join(place, name), os.path.join(target, name), size)


def copy_file(source, target, so_far):
    status = os.lstat(source)
    if not stat.S_ISREG(status.st_mode):
        return 0
    if so_far + status.st_size > MAX_COPIED:
        raise TooMuch(f"there are more than {MAX_COPIED // 1024**2} MiB")
    shutil.copy(source, target)
    return status.st_size
