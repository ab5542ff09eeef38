"""Tier 1: namespaces with a private root, in which there is nothing but the system's files and Python's."""

import os
import struct
from pathlib import Path

from . import kernel, seccomp
from .kernel import call
from .walls import Walls

SYSTEM = ["/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime"]
DEVICES = ["/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"]
_SCRATCH = "/scratch"

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = 1 << 17, 1 << 26, 1 << 27, 1 << 28, 1 << 29, 1 << 30
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_DETACH = 2
_AT_FDCWD, _AT_RECURSIVE, _READ_ONLY_AND_NOSUID, _MOUNT_SETATTR = -100, 0x8000, 1 | 2, 442


class Namespaces(Walls):
    """No network, no /proc, no /sys, no other processes; a tmpfs to write to, and a filter of system calls."""

    tier = "namespaces"

    def _enclose(self):
        _new_namespaces()
        root = self._root
        call("mount", b"none", b"/", None, _REC | _PRIVATE, None)
        call("mount", b"tmpfs", root.encode(), b"tmpfs", _NOSUID | _NODEV, b"size=1m,mode=755")
        for path in outermost([*SYSTEM, *self._readable]):
            _show(path, root)
        for path in self._hidden:
            if Path(f"{root}{path}").is_dir():
                call("mount", b"tmpfs", f"{root}{path}".encode(), b"tmpfs", _RDONLY, b"size=4k")
        for device in DEVICES:
            _show(Path(device), root, writable=True)
        Path(f"{root}{_SCRATCH}").mkdir()
        if not Path(root, "tmp").exists():  # it is there where Python itself lives below it
            Path(root, "tmp").symlink_to(_SCRATCH)
        os.chdir(root)
        call("pivot_root", b".", b".")
        call("umount2", b".", _DETACH)
        os.chdir("/")
        call("mount", b"none", b"/", None, _REMOUNT | _BIND | _RDONLY | _NOSUID | _NODEV, None)

    def separate(self):
        super().separate()
        call("unshare", _NEWPID | _NEWNS | _NEWIPC)

    def confine(self, limits, scratch):
        options = f"size={limits.disk_mb}m,nr_inodes=2048,mode=1777".encode()
        call("mount", b"tmpfs", _SCRATCH.encode(), b"tmpfs", _NOSUID | _NODEV, options)
        super().confine(limits, _SCRATCH)
        kernel.drop_privileges(self._user)
        kernel.die_with_parent()  # the kernel forgets it where the user changes
        kernel.install_filter(seccomp.program())

    def _others(self):
        return 0

    def watch(self, process, handle, limits, scratch):
        os.waitpid(process, 0)  # the kernel bounds all there is to bound
        return ""


def outermost(paths: list[str]) -> list[Path]:
    """The paths that exist and lie in no other one of them."""
    kept: list[Path] = []
    for path in sorted(map(Path, paths)):
        if path.exists() and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return kept


def _new_namespaces():
    spaces = _NEWNS | _NEWUTS | _NEWIPC | _NEWNET
    if os.geteuid() == 0:
        return call("unshare", spaces)
    uid, gid = os.geteuid(), os.getegid()
    call("unshare", spaces | _NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    return Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _show(path, root, writable=False):
    inside = Path(f"{root}{path}")
    inside.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink():
        return inside.symlink_to(path.readlink())
    inside.mkdir() if path.is_dir() else inside.touch()
    call("mount", str(path).encode(), str(inside).encode(), None, _BIND | _REC, None)
    return None if writable else _make_read_only(inside)


def _make_read_only(path):
    attributes = struct.pack("QQQQ", _READ_ONLY_AND_NOSUID, 0, 0, 0)
    call("syscall", _MOUNT_SETATTR, _AT_FDCWD, str(path).encode(), _AT_RECURSIVE, attributes, len(attributes))
