"""Compares the mutants that survive with those that are named equivalent, in a file beside the hidden tests."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder import CourseError, course
from autograder.proof.mutants.making import Edit, Mutant

_BLOCK = re.compile(r"(\w+)(?: \((\d+)\))?\n- (.*)\n\+ (.*)\n= (.*(?:\n  .*)*)")


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
        for mutant in self.unnamed:
            yield f"survives, solutions/{self.exercise}.py, line {mutant.line}:\n{mutant.edit}\n"
        for edit in self.stale:
            yield f"take it out of {path(self.exercise).name}, it does not survive any more:\n{edit}\n"
        yield (
            f"{self.exercise}: {self.made} mutants, {self.equivalent} of them named equivalent, {len(self.unnamed)} "
            f"others survive, {len(self.stale)} named ones do not; {self.killed:.1%} of those not equivalent are killed"
        )


def path(name: str) -> Path:
    """The file of the mutants that no hidden test of an exercise can tell from the reference."""
    return course.HIDDEN / f"equivalent_{name}.txt"


def named(name: str) -> dict[Edit, str]:
    """Why each mutant is equivalent, as far as the file says; raises CourseError for what it cannot be read from."""
    text = path(name).read_text(encoding="utf-8") if path(name).is_file() else ""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block and not block.startswith("#")]
    found = {}
    for block in blocks:
        match = _BLOCK.fullmatch(block)
        if not match:
            raise CourseError(
                f"{path(name).name}: {block.splitlines()[0]!r} begins no block of four lines: the solution, `- ` what "
                "is there, `+ ` what it becomes, `= ` why no answer could be wrong in that way"
            )
        solution, number, old, new, why = match.groups()
        found[Edit(solution, old, new, int(number or 1))] = why
    return found


def compare(name: str, judged: Iterable[tuple[Mutant, bool]]) -> Outcome:
    """The outcome of judging an exercise's mutants, each with whether it survives."""
    known, judged = named(name), list(judged)
    survived = sorted((mutant for mutant, survives in judged if survives), key=lambda mutant: mutant.line)
    edits = {mutant.edit for mutant in survived}
    unnamed = [mutant for mutant in survived if mutant.edit not in known]
    return Outcome(name, len(judged), len(edits & known.keys()), unnamed, [edit for edit in known if edit not in edits])
