#!/usr/bin/env python3
"""Runs one command, and ends everything that it has left behind.

    supervise.py SECONDS COMMAND...

The command gets a session of its own, and limits on what it may write. Its output goes where ours
goes, and its exit status is ours: 124 after a time-out, 128 + N after signal N. Whatever it started
becomes our child when its parent ends (Linux), so that nothing can leave by forking.
"""
import ctypes
import os
import resource
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
MAX_FILE = 256 * 1024 * 1024  # bytes in one file, the captured output included


def become_reaper():
    """Makes orphans of the command our children; false where the system cannot."""
    if not sys.platform.startswith("linux"):
        return False
    return ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0


def prepare():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE))


def descendants(root):
    """The processes that come from `root`, by number."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(name))
    found = []
    waiting = [root]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found


def send_kill(process):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass


def end_all(command):
    """Kills until nothing is left: a program that forks all the time needs more than one round."""
    try:
        os.killpg(command.pid, signal.SIGKILL)
    except OSError:
        pass
    if not os.path.isdir("/proc/self"):
        return
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        left = descendants(os.getpid())
        for process in left:
            send_kill(process)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            if not left:
                return
        time.sleep(0.01)


def main():
    become_reaper()
    limit = float(sys.argv[1])
    command = subprocess.Popen(sys.argv[2:], start_new_session=True, preexec_fn=prepare)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    status = 124
    try:
        status = command.wait(limit)
    except subprocess.TimeoutExpired:
        pass
    finally:
        end_all(command)
    sys.exit(status if status >= 0 else 128 - status)


if __name__ == "__main__":
    main()
