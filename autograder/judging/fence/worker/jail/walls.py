"""What every tier does, and all that is done without walls: a folder, limits, and an end for every process."""

import os
import resource
import sys
import tempfile
from pathlib import Path

from . import kernel, watch
from .limits import Limits


class Walls:
    """No walls: a submission's own folder and its limits hold, but it can read and reach what its user can."""

    tier = "none"

    def __init__(self, root: str, readable: list[str], hidden: list[str]):
        """Measure the warm server; `root` is an empty folder, `readable` and `hidden` are folders of this machine."""
        self._root, self._readable, self._hidden = root, readable, hidden
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        self._address_space = pages * os.sysconf("SC_PAGE_SIZE")
        self._users = _spare_users()
        self._enclose()

    def _enclose(self):
        """What is done once, by the server."""

    def separate(self) -> None:
        """Prepare this process to fork a submission's."""
        kernel.die_with_parent()
        self._user = self._users and self._users[os.getpid() % len(self._users)]

    def confine(self, limits: Limits, scratch: str) -> None:
        """Take away from this process what student code must not have; `scratch` is the folder that is its own."""
        self._settle(scratch)
        self._limit_resources(limits)
        kernel.die_with_parent()

    def _settle(self, scratch):
        os.chdir(scratch)
        sys.path.insert(0, "")  # as in Jupyter, a file beside the notebook can be imported
        os.environ.update(TMPDIR=scratch, HOME=scratch, MPLCONFIGDIR=scratch)
        tempfile.tempdir = scratch

    def _limit_resources(self, limits):
        for name, value in [
            (resource.RLIMIT_AS, self._address_space + (limits.memory_mb << 20)),
            (resource.RLIMIT_FSIZE, limits.disk_mb << 20),
            (resource.RLIMIT_NPROC, limits.processes + self._others()),
            (resource.RLIMIT_NOFILE, 256),
            (resource.RLIMIT_CPU, limits.cpu_seconds),
            (resource.RLIMIT_CORE, 0),
        ]:
            resource.setrlimit(name, (value, value))

    def _others(self):
        """How many processes may count beside the submission's: where it has no user of its own, all that there are."""
        return 0 if self._user else int(Path("/proc/loadavg").read_text().split()[3].split("/")[1])

    def watch(self, process: int, handle: int, limits: Limits, scratch: str) -> str:
        """Wait for the end of a submission's process; returns the limit that it had to be ended for, or ""."""
        return watch.watch(process, handle, limits, scratch)


def _spare_users():
    """Numbers of users that nobody is, for root to become: with one of its own, no submission has a hold on another."""
    if os.geteuid() != 0:
        return None
    first, _, count = map(int, Path("/proc/self/uid_map").read_text().split()[-3:])
    return range(first + count // 2, first + count - 2) if count > 1000 else None
