"""Watches what a submission uses where the kernel bounds less: its folder as a whole, and its threads."""

import contextlib
import os
import select
import signal
import stat
from pathlib import Path

from .limits import Limits

_EVERY_MS = 100
_FILES = 2048


def watch(process: int, handle: int, limits: Limits, scratch: str) -> str:
    """Wait until `process` ends, or end it when it reaches a limit, whose name is returned."""
    ended = select.poll()
    ended.register(handle, select.POLLIN)
    reached = ""
    while not reached and not ended.poll(_EVERY_MS):
        reached = _reached(process, limits, scratch)
    signal.pidfd_send_signal(handle, signal.SIGKILL)
    os.waitpid(process, 0)
    return reached


def _reached(process, limits, scratch):
    with contextlib.suppress(FileNotFoundError):  # it ends while it is looked at
        if len(list(Path(f"/proc/{process}/task").iterdir())) > limits.processes:
            return "processes"
        if _disk_bytes(process, scratch) > limits.disk_mb << 20:
            return "disk"
    return ""


def _disk_bytes(process, scratch):
    """What the files in the folder take, and those deleted but still open; a folder made to hide some is too much."""
    blocks = {}
    for entry in Path(f"/proc/{process}/fd").iterdir():
        facts = entry.stat()
        if stat.S_ISREG(facts.st_mode) and not facts.st_nlink:
            blocks[facts.st_ino] = facts.st_blocks
    todo = [scratch]
    try:
        while todo and len(blocks) <= _FILES:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    facts = entry.stat(follow_symlinks=False)
                    blocks[facts.st_ino] = facts.st_blocks
                    todo += [entry.path] if entry.is_dir(follow_symlinks=False) else []
    except FileNotFoundError:
        pass  # deleted while it is looked at
    except OSError:
        return float("inf")  # a path that is too long, a folder that its owner has locked
    return float("inf") if len(blocks) > _FILES else 512 * sum(blocks.values())
