"""What a block of commands may need of the machine, whether it is there, and which Debian package has it."""
import ctypes.util
import functools
import os
import re
import shutil
import socket
import subprocess
import sys

import bash_text

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
# Libraries, which no command names.
LIBRARIES = {"jquery", "uvicorn", "websockets", "ws"}


def optional_tools():
    """What `lab test` installs, a bare Debian lacks, and lessons use: the packages for each name."""
    with open(os.path.join(ROOT, "tools", "optional.sh"), encoding="utf-8") as file:
        return dict(re.findall(r"^([\w-]+)\|[\d ]*\|([\w. -]+)\|", file.read(), re.MULTILINE))


# A Debian always has the last two; other systems do not.
PACKAGES = {**optional_tools(), "timeout": "coreutils", "unshare": "util-linux"}
PROGRAMS = set(PACKAGES) - LIBRARIES
# What no package brings.
OTHERS = {
    "Linux": "this is not Linux",
    "libwebsockets 4.1.6": "libwebsockets is not 4.1.6",
    "localhost": "the name localhost is not known here",
    "network": "this machine has no network but its own loopback",
    "root": "only root may do this",
}
# Programs that a system may have, and not let everybody use.
RESTRICTED = {"strace", "tcpdump", "unshare"}
# What can be seen in a command.
SEEN = {*PROGRAMS, "Linux"}
# The commands of bash, and of packages that each Debian has; and Python, which runs the pages.
BARE = set(
    "awk bash cat cmp cut date grep head ln ls mkdir mkfifo mktemp mv od python3 rm sed seq sleep sort tail tee "
    "touch tr uniq wc yes "
    "[ break cd command continue echo exit export false for jobs kill local printf read return set shift test trap true "
    "type unset wait done fi".split())


def succeeds(*command, seconds=60):
    """Whether the command is there, and ends well in time."""
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, timeout=seconds)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def python_has(*modules):
    """Whether Debian's Python has them. It does not import them, which takes seconds on a busy machine."""
    found = ["find_spec(%r)" % module for module in modules]
    return succeeds("/usr/bin/python3", "-c", f"from importlib.util import find_spec; exit(not ({' and '.join(found)}))")


def can_capture():
    """Whether packets may be looked at."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except (AttributeError, OSError):
        return False
    return shutil.which("tcpdump") is not None


def has_network():
    """Whether packets have a way out of the machine. Connecting a UDP socket sends none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return False
    return True


def libwebsockets_is(version):
    """Whether the library here is of this version: what it does wrong differs."""
    library = ctypes.util.find_library("websockets")
    if not library:
        return False
    tell = ctypes.CDLL(library).lws_get_library_version
    tell.restype = ctypes.c_char_p
    return tell().decode().startswith(version)


# Everything else is a program that has to be there.
CHECKS = {
    "Linux": lambda: sys.platform == "linux",
    "chromium": lambda: succeeds("chromium", "--version"),  # Ubuntu's only says how to install it
    "jquery": lambda: os.path.isfile("/usr/share/javascript/jquery/jquery.min.js"),
    "libwebsockets 4.1.6": lambda: libwebsockets_is("4.1.6"),
    # A bare Debian has no /etc/hosts: then the question goes to a name server, which may be far away.
    "localhost": lambda: succeeds(sys.executable, "-c", "import socket; socket.getaddrinfo('localhost', 1)", seconds=10),
    "nc": lambda: succeeds("sh", "-c", "nc -h 2>&1 | grep -q -- '-[a-zA-Z]*N'"),  # OpenBSD's
    "network": has_network,
    "nginx": lambda: shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin") is not None,
    # A version that the servers can use.
    "redis-server": lambda: succeeds("sh", "-c", "redis-server --version | grep -Eq 'v=([7-9]|[1-9][0-9])[.]'"),
    "root": lambda: os.geteuid() == 0,
    "strace": lambda: succeeds("strace", "-o", "/dev/null", "true"),
    "tcpdump": can_capture,
    "unshare": lambda: succeeds("unshare", "-n", "true"),
    "uvicorn": lambda: python_has("uvicorn", "fastapi"),
    "websockets": lambda: python_has("websockets"),
    "ws": lambda: os.path.isdir("/usr/share/nodejs/ws"),
}


hidden = set()  # what is there, but not for the pages


@functools.lru_cache(maxsize=None)
def is_there(need):
    if need in hidden:
        return False
    return CHECKS[need]() if need in CHECKS else shutil.which(need) is not None


def lack(block, is_there=is_there, path_of=shutil.which):
    """One sentence about what the block needs and is not there, or may not be used; empty if all is."""
    missing = [need for need in block.needs if not is_there(need)]
    refused = [need for need in missing if need in RESTRICTED and path_of(need)]
    tools = [f"no {need} (package {PACKAGES[need].replace(' ', ' and ')})" if need in PACKAGES else f"no {need}"
             for need in missing if need not in OTHERS and need not in refused]
    sentences = ["there is " + ", ".join(tools)] if tools else []
    sentences += ["this system does not let you use " + " and ".join(refused)] if refused else []
    return ", and ".join(sentences + [OTHERS[need] for need in missing if need in OTHERS])


# --- what the page has to say -----------------------------------------------------------------------


def used(command, root=None):
    """What can be seen in a command that the page must declare: programs that a bare Debian lacks, files of Linux."""
    tools = bash_text.programs(command, root) & PROGRAMS
    return tools | {"Linux"} if re.search("/proc/|/dev/full", command) else tools


def unknown(command, functions):
    """Programs in a command of which nobody has said whether a bare Debian has them."""
    names = bash_text.programs(command) - BARE - PROGRAMS - functions
    return {name for name in names if "/" not in name}


# --- a machine without them -------------------------------------------------------------------------


def hide(names, folder):
    """From now on these needs are not there. PATH is the folder, which gets links to all other programs."""
    hidden.update(names)
    is_there.cache_clear()
    for directory in os.environ["PATH"].split(os.pathsep):
        for name in os.listdir(directory) if os.path.isdir(directory) else []:
            if name not in hidden and not os.path.lexists(os.path.join(folder, name)):
                os.symlink(os.path.join(directory, name), os.path.join(folder, name))
    os.environ["PATH"] = folder
