"""What one submission may use, and what its student is told when a limit is reached."""

import errno
from dataclasses import dataclass


def backstop(seconds: float) -> float:
    """How long what may take `seconds` of processor time may last by the clock on the wall: it may sleep, or wait."""
    return 3 * seconds + 5


class JailError(Exception):
    """The walls cannot be raised on this machine; the message says why."""


@dataclass(frozen=True)
class Limits:
    """What one submission may use beyond what the warm server already holds."""

    memory_mb: int = 2048
    disk_mb: int = 64
    processes: int = 64
    cpu_seconds: int = 600
    cell_kb: int = 1000
    output_kb: int = 10_000

    def sentence(self, reached: str) -> str:
        """What to tell a student whose code has reached a limit, as named by `reached`; "" for an unknown name."""
        return {
            "memory": f"your code needs more than the {self.memory_mb} MiB of memory that it may use",
            "disk": f"your code writes more than the {self.disk_mb} MiB of files that it may keep",
            "processes": f"your code starts more than the {self.processes} threads that it may have",
            "walls": "your code uses the network, another program or another process, which grading does not allow",
        }.get(reached, "")


def reached(error: BaseException) -> str:
    """The limit that an exception comes from, "" when it is a mistake of another kind."""
    text = str(error)
    if isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "can't allocate memory" in text):
        return "memory"
    if isinstance(error, RuntimeError) and "can't start new thread" in text:
        return "processes"
    if isinstance(error, OSError):
        full = dict.fromkeys((errno.ENOSPC, errno.EFBIG, errno.EDQUOT), "disk")
        return (full | {errno.EPERM: "walls"}).get(error.errno, "")
    return ""
