"""Watches a submission's processes from outside: what they use together, and that none of them stays behind."""

import contextlib
import os
import select
import signal
import stat

from .limits import Limits

_EVERY_MS = 200
_FILES = 2048


def watch(proc: int, process: int, limits: Limits, resident_kb: int, scratch: str) -> str:
    """Wait until `process` ends, or end it when a limit is reached, whose name is returned; then end its descendants.

    `proc` is /proc, opened while it could be seen; `scratch` is "" where the kernel bounds the folder itself.
    """
    ended = select.poll()
    ended.register(os.pidfd_open(process), select.POLLIN)
    reached = ""
    try:
        while not reached and not ended.poll(_EVERY_MS):
            reached = _reached(proc, limits, resident_kb, scratch)
    finally:
        end_descendants(proc)
    return reached


def end_descendants(proc: int) -> None:
    """Kill every process below this one, also those that fork while they are being killed."""
    with contextlib.suppress(ChildProcessError):
        while True:
            for process in _descendants(proc, os.getpid()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            os.waitpid(-1, 0)


def _reached(proc, limits, resident_kb, scratch):
    processes = _descendants(proc, os.getpid())
    if sum(len(_list(proc, f"{process}/task")) for process in processes) > limits.processes:
        return "processes"
    # One process is bounded by the kernel, two are the cells' and the probe's; many share what they have not changed.
    if len(processes) > 2 and sum(_memory_kb(proc, p) for p in processes) > resident_kb + (limits.memory_mb << 10):
        return "memory"
    if scratch and _disk_bytes(proc, processes, scratch) > limits.disk_mb << 20:
        return "disk"
    return ""


def _descendants(proc, process):
    found = []
    todo = [process]
    while todo:
        parent = todo.pop()
        for thread in _list(proc, f"{parent}/task"):
            todo += (children := [int(child) for child in _read(proc, f"{parent}/task/{thread}/children").split()])
            found += children
    return found


def _memory_kb(proc, process):
    lines = _read(proc, f"{process}/smaps_rollup").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Pss_Anon:", "Pss_Shmem:")))


def _disk_bytes(proc, processes, scratch):
    """What the files in the folder take, and those that are deleted and still open; too many count as too much."""
    blocks = {}
    with os.scandir(scratch) as entries:
        todo = list(entries)
    while todo:
        entry = todo.pop()
        try:
            facts = entry.stat(follow_symlinks=False)
            blocks[facts.st_ino] = facts.st_blocks
            if entry.is_dir(follow_symlinks=False):
                with os.scandir(entry.path) as entries:
                    todo += entries
        except FileNotFoundError:
            continue
        except OSError:  # a path that is too long, a folder that its owner has locked: made to hide
            return float("inf")
        if len(blocks) > _FILES:
            return float("inf")
    for process in processes:
        for number in _list(proc, f"{process}/fd"):
            with contextlib.suppress(OSError):
                facts = os.stat(f"{process}/fd/{number}", dir_fd=proc)
                if stat.S_ISREG(facts.st_mode) and not facts.st_nlink:
                    blocks[facts.st_ino] = facts.st_blocks
    return sum(blocks.values()) * 512


def _read(proc, path):
    try:
        with open(path, opener=lambda name, flags: os.open(name, flags, dir_fd=proc)) as file:
            return file.read()
    except OSError:
        return ""


def _list(proc, path):
    try:
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY, dir_fd=proc)
    except OSError:
        return []
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries]
    except OSError:
        return []
    finally:
        os.close(folder)
