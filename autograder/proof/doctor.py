"""Looks at the walls of this machine: which there are, what is missing and how to get it, and whether they hold."""

import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from autograder import course
from autograder.judging.fence.sandbox import READABLE, TIERS, Ended, Sandbox
from autograder.judging.fence.worker import jail

WHAT = {
    "namespaces": "tier 1, namespaces: a private root, no network, no other processes",
    "landlock": "tier 2, Landlock: a list of the files that can be read, no network, no signals",
}
CONTAINER = 'docker run --rm -it --privileged -v "$PWD":/course -w /course python:3.11 make demo'

_C = "import ctypes\nif ctypes.CDLL(None).{} < 0:\n    raise PermissionError"
# Each is tried by a submission of its own, and gets through where it raises nothing.
ESCAPES = {
    "read a file of the course": f"open({str(course.ROOT / 'pyproject.toml')!r})",
    "list the hidden tests": f"__import__('os').listdir({str(course.HIDDEN)!r})",
    "import the grader": "import autograder.judging.judge",
    "read the machine's users": "open('/etc/passwd')",
    "look at processes": "open('/proc/self/status')",
    "write to the system": "open('/usr/lib/mine', 'w')",
    "write to Python": f"open({os.__file__!r}, 'a')",
    "write where others do": "open('/var/tmp/mine', 'w')",
    "open a socket": "__import__('socket').socket()",
    "start a program": "__import__('os').execv('/bin/true', ['true'])",
    "make a namespace": _C.format("unshare(0x10000000)"),
    "mount a folder": _C.format("mount(b'x', b'/usr', b'tmpfs', 0, None)"),
    "trace a process": _C.format("ptrace(16, 1, 0, 0)"),
    "kill the server": "import os\nos.kill(os.getppid() or -1, 9)",
    "start processes without end": "import os, time\nwhile True:\n    os.fork() or time.sleep(60)",
    "start threads without end": (
        "import threading, time\nwhile True:\n    threading.Thread(target=time.sleep, args=[60]).start()"
    ),
    "fill the memory": "kept = []\nwhile True:\n    kept.append(bytes(1 << 28))",
    "fill memory that nobody counts": "__import__('os').memfd_create('mine')",
    "fill the disk": "n = 0\nwhile True:\n    n += 1\n    open(f'{n}', 'wb').write(bytes(1 << 20))",
    "fill the disk with one file": "open('big', 'wb').write(bytes(1 << 28))",
}
_REFUSED = {
    "BlockingIOError", "FileNotFoundError", "MemoryError", "ModuleNotFoundError", "OSError", "PermissionError",
    "ProcessLookupError", "RuntimeError",
}  # fmt: skip


def missing() -> Iterator[tuple[str, str, str]]:
    """Each tier with why it cannot be had on this machine, and what mends that; both "" where it can."""
    for tier in TIERS:
        with tempfile.TemporaryDirectory() as root:
            Path(root).chmod(0o755)
            reason = jail.why_not(tier, root, READABLE, [])
        yield tier, reason, _remedy(tier) if reason else ""


def _remedy(tier):
    if tier == "landlock":
        return "boot Linux 6.2 or later with `landlock` in its lsm= option (see /sys/kernel/security/lsm)"
    for name, wanted in [
        ("kernel.apparmor_restrict_unprivileged_userns", "0"),
        ("kernel.unprivileged_userns_clone", "1"),
        ("user.max_user_namespaces", "15000"),
    ]:
        path = Path("/proc/sys", *name.split("."))
        if path.exists() and (path.read_text().strip() == "0") != (wanted == "0"):
            return f"sudo sysctl -w {name}={wanted}"
    if any(map(os.path.exists, ["/.dockerenv", "/run/.containerenv"])):
        return "start the container with --privileged, or rely on tier 2"
    return "grade as root"


def tried(sandbox: Sandbox) -> Iterator[tuple[str, str]]:
    """Each escape with how it ended: the exception or limit that stopped it, or "" when it got through."""
    for what, code in ESCAPES.items():
        session = sandbox.session()
        try:
            reply = session.run(code)
            name = reply["outputs"][-1].get("ename", "") if reply["ended"] == "error" else ""
            yield what, name if name in _REFUSED else ""
        except Ended as ended:
            yield what, f"ended for its {ended}" if str(ended) else ""
        finally:
            session.end()


def machine() -> str:
    """What this machine is, in a line."""
    who = "root" if os.geteuid() == 0 else "an ordinary user"
    return f"{platform.system()} {platform.release()}, {platform.machine()}, Python {platform.python_version()}, {who}"


def unsupported() -> str:
    """Why no walls can be had whatever one does, "" where they may."""
    if sys.platform == "linux":
        return ""
    name = {"darwin": "macOS", "win32": "Windows"}.get(sys.platform, sys.platform)
    return f"{name} cannot wall student code in: grade in a Linux container or virtual machine.\n    {CONTAINER}"
