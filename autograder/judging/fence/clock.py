"""How long a confined process takes: its own processor time, which no other program's load changes, and the wall's."""

import contextlib
import os
import re
import time
from pathlib import Path
from typing import NamedTuple

_LOOK_EVERY = 1.0  # a process that ends itself in between has used that much more than is known


class Time(NamedTuple):
    """Seconds of processor time, of all threads together, and seconds on the clock on the wall."""

    cpu: float
    wall: float


class OutOfTime(TimeoutError):
    """A process used up its processor time, or the wall's clock ran out (`waiting`), on a `busy` machine perhaps."""

    def __init__(self, waiting: bool, busy: bool):
        super().__init__("the clock's" if waiting else "processor time")
        self.waiting, self.busy = waiting, busy


class Clock:
    """Measures the process behind a handle from when it is `started`, again and again."""

    def __init__(self, handle: int):
        known = re.search(r"^Pid:\s+(\d+)", Path(f"/proc/self/fdinfo/{handle}").read_text(), re.MULTILINE)
        self._process = int(known[1]) if known else 0
        self._cpu = 0.0
        self.start(Time(0, 0))

    def start(self, allowed: Time) -> None:
        """Measure from now on."""
        self._allowed, self._started = allowed, (self._used(), self._waited(), time.monotonic())

    @property
    def taken(self) -> Time:
        """What the process has taken since the start."""
        return Time(self._used() - self._started[0], time.monotonic() - self._started[2])

    @property
    def busy(self) -> bool:
        """Whether the process has waited for a processor for longer than it slept; True where that is not known."""
        waited, taken = self._waited(), self.taken
        return waited is None or 2 * (waited - (self._started[1] or 0)) > taken.wall - taken.cpu

    def left(self) -> float:
        """Seconds for which nobody has to look again; raises OutOfTime when there are none."""
        taken = self.taken
        cpu, wall = self._allowed.cpu - taken.cpu, self._allowed.wall - taken.wall
        if cpu <= 0 or wall <= 0:
            raise OutOfTime(cpu > 0, self.busy)
        return max(0.01, min(_LOOK_EVERY, wall, cpu / os.cpu_count()))

    def _used(self):
        with contextlib.suppress(OSError):  # it has ended: what was last known counts
            self._cpu = time.clock_gettime(~self._process << 3 | 2)  # as clock_getcpuclockid(3) makes it
        return self._cpu

    def _waited(self):
        """Seconds for which its threads had to wait for a processor; None where the kernel keeps no account."""
        try:
            files = Path(f"/proc/{self._process}/task").glob("*/schedstat")
            return sum(int(file.read_text().split()[1]) for file in files) / 1e9
        except (OSError, IndexError):
            return None
