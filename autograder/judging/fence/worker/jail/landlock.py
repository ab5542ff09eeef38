"""Tier 2, where namespaces are not allowed: Landlock, which names the files that a process may use."""

import contextlib
import os
import struct
from pathlib import Path

from . import kernel, seccomp
from .kernel import call
from .limits import JailError
from .namespaces import DEVICES, SYSTEM, outermost
from .walls import Walls

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _BENEATH = 1, 1
_WRITE_FILE, _READ_FILE, _READ_DIR, _MAKE_CHAR, _MAKE_SOCK, _MAKE_BLOCK = (1 << n for n in (1, 2, 3, 6, 9, 11))
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
_OLDEST = 3  # before Linux 6.2 a file that can be read can be truncated
_SCOPED = 6  # since Linux 6.12 signals can be kept in, too


class Landlock(Walls):
    """Files beneath the system's folders, Python's and the scratch folder only, and a filter of system calls.

    What Landlock does not look at is refused by the filter: sockets, signals, files' attributes.
    That there is a file of some name, and its size, can still be seen.
    """

    tier = "landlock"

    def _enclose(self):
        try:
            self._version = call("syscall", _CREATE_RULESET, None, 0, _VERSION)
        except JailError:
            raise JailError(
                "the kernel has no Landlock, or it is not switched on (boot option lsm=landlock,...)"
            ) from None
        if self._version < _OLDEST:
            raise JailError(f"the kernel's Landlock is version {self._version}; {_OLDEST}, of Linux 6.2, is needed")

    def confine(self, limits, scratch):
        if self._user:
            os.chown(scratch, self._user, self._user)
        super().confine(limits, scratch)
        # Python may live where only root can look; what may be read there, Landlock says.
        kernel.drop_privileges(self._user, kernel.READ_EVERYWHERE)
        kernel.die_with_parent()  # the kernel forgets it where the user changes
        self._restrict(scratch)
        kernel.install_filter(seccomp.program(idle=seccomp.ATTRIBUTES))

    def _restrict(self, scratch):
        handled = (1 << (16 if self._version >= 5 else 15)) - 1
        network, scope = (3 if self._version >= 4 else 0), (3 if self._version >= _SCOPED else 0)
        attributes = struct.pack("QQQ", handled, network, scope)[: 24 if scope else 16 if network else 8]
        rules = call("syscall", _CREATE_RULESET, attributes, len(attributes), 0)
        for path in outermost([*SYSTEM, *self._readable]):
            for part, rights in _reading(path.resolve(), [Path(other).resolve() for other in self._hidden]):
                _allow(rules, part, rights)
        for device in DEVICES:
            _allow(rules, Path(device), _READ_FILE | _WRITE_FILE)
        _allow(rules, Path(scratch), handled & ~(1 | _MAKE_CHAR | _MAKE_SOCK | _MAKE_BLOCK | _IOCTL_DEVICE))
        call("syscall", _RESTRICT_SELF, rules, 0)
        os.close(rules)


def _reading(path, hidden):
    """What to allow so that all below `path` can be read but the folders in `hidden`: there, only names are seen."""
    if path in hidden:
        return
    if not any(other.is_relative_to(path) for other in hidden):
        yield path, _READ_FILE | _READ_DIR
        return
    yield path, _READ_DIR
    for child in path.iterdir():
        yield from _reading(child, hidden)


def _allow(rules, path, rights):
    if not path.is_dir():
        rights &= _READ_FILE | _WRITE_FILE | _TRUNCATE
    with contextlib.suppress(FileNotFoundError):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        call("syscall", _ADD_RULE, rules, _BENEATH, struct.pack("=Qi", rights, parent), 0)
        os.close(parent)
