"""How submissions are judged: the limits that they have. Imports nothing heavy: a run with nothing to do is quick."""

from dataclasses import dataclass, field

from autograder.judging.fence.worker.jail import Limits


@dataclass(frozen=True)
class Seconds:
    """How much processor time a cell, a probe and all of a submission may take.

    It may be three times as long by the clock on the wall, and a bit: see `backstop`.
    """

    cell: float = 30
    probe: float = 5
    submission: float = 120


@dataclass(frozen=True)
class Settings:
    """How submissions are judged: the limits that they have, and whether walls stand around them."""

    seconds: Seconds = field(default_factory=Seconds)
    limits: Limits = field(default_factory=Limits)
    jail: bool = True
