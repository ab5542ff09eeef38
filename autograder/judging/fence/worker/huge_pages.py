"""Puts memory into huge pages: forking then copies hundreds of table entries, not a hundred thousand."""

import ctypes
import re
from typing import TextIO

_HUGE = 2 << 20
_MADV_COLLAPSE = 25  # Linux 6.1 and later; elsewhere forks are only slower
_PRIVATE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) rw-p 00000000 00:00 0 +(?:\[heap\])?$", re.MULTILINE)

_libc = ctypes.CDLL(None)
_libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]


def collapse(maps: TextIO) -> None:
    """Collapse what has been allocated so far; a range that the kernel cannot collapse stays as it is.

    `maps` is this process's `/proc/self/maps`, opened before walls stood in the way.
    """
    maps.seek(0)
    for start, end in _PRIVATE.findall(maps.read()):
        first, last = -(-int(start, 16) // _HUGE) * _HUGE, int(end, 16) // _HUGE * _HUGE
        if first < last:
            _libc.madvise(first, last - first, _MADV_COLLAPSE)
