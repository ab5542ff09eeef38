"""The walls around student code, in tiers. All of it is system calls, on Linux; there is nothing to install.

The warm server raises them once (`raise_walls`); for each submission a process of its own calls `separate`, forks,
and watches over the fork, which calls `confine` before it runs the student's code.
"""

import os
from collections.abc import Iterable

from .kernel import die_with_parent
from .landlock import Landlock
from .limits import JailError, Limits, backstop, reached
from .namespaces import Namespaces
from .walls import Walls

__all__ = ["TIERS", "JailError", "Limits", "Walls", "backstop", "die_with_parent", "raise_walls", "reached", "why_not"]

TIERS = {kind.tier: kind for kind in (Namespaces, Landlock, Walls)}


def raise_walls(tiers: Iterable[str], root: str, readable: list[str], hidden: list[str]) -> Walls:
    """The first of `tiers` that this machine allows, around this process; raises JailError with each one's reason."""
    reasons = []
    for tier in tiers:
        reason = why_not(tier, root, readable, hidden)
        if not reason:
            return TIERS[tier](root, readable, hidden)
        reasons.append(f"{tier}: {reason}")
    raise JailError("; ".join(reasons))


def why_not(tier: str, root: str, readable: list[str], hidden: list[str]) -> str:
    """Why this tier cannot be had here, "" if it can: it is tried, by a process that is thrown away."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            walls = TIERS[tier](root, readable, hidden)
            walls.separate()
            if os.fork() == 0:
                walls.confine(Limits(), root)
                os.write(writing, b"ok")
            else:
                os.wait()
        except (JailError, OSError, ValueError) as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read() or "it ended without a word"
    os.waitpid(child, 0)
    return "" if said == "ok" else said
