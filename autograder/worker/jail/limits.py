"""What one submission may use."""

from dataclasses import dataclass


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
