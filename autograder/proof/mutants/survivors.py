"""Compares the mutants that survive with those that are named equivalent, in a file beside the hidden tests."""

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import CourseError, course
from autograder.proof.mutants.making import Edit, Mutant

_BLOCK = re.compile(r"(\w+)(?: \((\d+)\))?\n- (.*)\n((?:\+ .*\n)+)= .+(?:\n  .+)*")


@dataclass(frozen=True)
class Outcome:
    """What became of an exercise's mutants; `stale` are named equivalent, and are killed or no mutants any more."""

    exercise: str
    made: int
    equivalent: int
    unnamed: list[Mutant]
    stale: list[Edit]

    @property
    def differs(self) -> bool:
        """Whether the survivors are others than the committed ones."""
        return bool(self.unnamed or self.stale)

    @property
    def killed(self) -> float:
        """The share of the mutants that are not named equivalent which a hidden test fails."""
        judged = self.made - self.equivalent
        return (judged - len(self.unnamed)) / judged if judged else 1.0

    def lines(self) -> Iterator[str]:
        """What a person has to look at, and the sums."""
        for line, same in itertools.groupby(self.unnamed, key=lambda mutant: mutant.line):
            yield f"solutions/{self.exercise}.py, line {line}: no hidden test fails\n"
            yield from _blocks(mutant.edit for mutant in same)
        if self.stale:
            yield f"{path(self.exercise).name} names what does not survive any more: take out\n"
            yield from _blocks(self.stale)
        yield (
            f"{self.exercise}: {self.made} mutants, {self.equivalent} of them named equivalent, {len(self.unnamed)} "
            f"others survive, {len(self.stale)} named ones do not; {self.killed:.1%} of those not equivalent are killed"
        )


def _blocks(edits):
    """Edits as the file has them, those of the same lines together."""
    for (solution, number, old), same in itertools.groupby(edits, key=lambda one: (one.solution, one.number, one.old)):
        where = f"{solution} ({number})" if number > 1 else solution
        yield "\n".join([where, f"- {old}", *(f"+ {edit.new}" for edit in same), ""])


def path(name: str) -> Path:
    """The file of the mutants that no hidden test of an exercise can tell from the reference."""
    return course.HIDDEN / f"equivalent_{name}.txt"


def named(name: str) -> list[Edit]:
    """The mutants that are named equivalent; raises CourseError for one without a reason, or what is no block."""
    text = path(name).read_text(encoding="utf-8") if path(name).is_file() else ""
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        match = _BLOCK.fullmatch(block)
        if match:
            solution, number, old, news = match.groups()
            found += [Edit(solution, old, new.removeprefix("+ "), int(number or 1)) for new in news.splitlines()]
        elif block and not block.startswith("#"):
            raise CourseError(
                f"{path(name).name}: {block.partition(chr(10))[0]!r} begins no block: write the solution, `- ` what is "
                "there, `+ ` what it becomes, a line for each edit, and `= ` why no answer could be wrong in that way"
            )
    return found


def compare(name: str, judged: Iterable[tuple[Mutant, bool]]) -> Outcome:
    """The outcome of judging an exercise's mutants, each with whether it survives."""
    known, judged = named(name), list(judged)
    survived = sorted((mutant for mutant, survives in judged if survives), key=_in_the_text)
    edits = {mutant.edit for mutant in survived}
    unnamed = [mutant for mutant in survived if mutant.edit not in known]
    return Outcome(name, len(judged), len(edits & set(known)), unnamed, [edit for edit in known if edit not in edits])


def _in_the_text(mutant):
    return mutant.line, mutant.edit.solution, mutant.edit.old, mutant.edit.number, mutant.edit.new
