"""Hears one submission again and shows what each hidden test asked: what one needs when a student comes and asks."""

from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode
from rich.console import Console, Group
from rich.markup import escape
from rich.syntax import Syntax
from rich.table import Table

from autograder.cli import show
from autograder.course.model import Misconception
from autograder.judging import diagnosis, judge
from autograder.judging.fence.sandbox import Sandbox
from autograder.judging.fence.settings import Seconds
from autograder.judging.fence.student import Student
from autograder.judging.hidden_tests import compare
from autograder.judging.hidden_tests.probe import source_of
from autograder.judging.hidden_tests.reference import reference
from autograder.judging.hidden_tests.running import Heard, hear
from autograder.judging.intake.repair import repair


@dataclass(frozen=True)
class Exchange:
    """One probe: its text, its inputs, and what the student's code and the reference gave, as short texts."""

    probe: str
    inputs: list[str]
    observed: str
    expected: str


def explain(
    submitted: NotebookNode, name: str, variant: int, sandbox: Sandbox, seconds: Seconds
) -> dict[str, list[Heard]]:
    """By task, every hidden test on a submission, with the seeds of a variant."""
    student = Student(sandbox, judge.runnable(repair(submitted, name).notebook), judge.watched(name), seconds)
    try:
        student.run_cells()
        return hear(name, student, variant)
    finally:
        student.end()


def exchanges(heard: Heard) -> Iterator[Exchange]:
    """What a test asked and got, beside what the reference gives to the same."""
    expected_of = reference(heard.test.exercise, heard.test.seed)
    for (probe, args), value in zip(heard.record.asked, heard.record.values, strict=True):
        try:
            expected = compare.show(expected_of(probe, *args))
        except Exception as error:
            expected = f"raised {type(error).__name__}: {error}"
        yield Exchange(source_of(probe.__code__), [compare.show(one) for one in args], compare.show(value), expected)


def print_all(heard: dict[str, list[Heard]], console: Console) -> None:
    """Print every test with its probes, failed ones first, and the diagnosis of each task."""
    for task, ones in heard.items():
        console.rule(f"[bold]{task}[/], {sum(one.record.passed for one in ones)} of {len(ones)} tests passed")
        found = diagnosis.find([(one.test, one.record) for one in ones])
        for wrong in found.mistakes:
            part = " in a part of the failed tests" * found.partly
            console.print(
                f"[cyan]It gives{part} what an answer gives that {escape(wrong.name)}.[/] {escape(wrong.hint)}"
            )
            console.print(_edit(wrong))
        for one in sorted(ones, key=lambda one: one.record.passed):
            console.print(_test(one))


def _edit(wrong: Misconception):
    lines = [*(f"- {line}" for line in wrong.old.splitlines()), *(f"+ {line}" for line in wrong.new.splitlines())]
    return Syntax("\n".join(lines), "diff", background_color="default")


def _test(one):
    parts = [f"\n{show.SIGN[one.result.outcome]} [bold]{escape(one.result.sentence)}[/]  (seed {one.test.seed})"]
    parts += [f"  {escape(one.result.message)}"] * bool(one.result.message)
    for exchange in exchanges(one):
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
        for number, text in enumerate(exchange.inputs, 1):
            table.add_row(f"input {number}", escape(text))
        table.add_row("the student's", escape(exchange.observed))
        table.add_row("the reference's", escape(exchange.expected))
        parts += [Syntax(exchange.probe, "python", background_color="default"), table]
    return Group(*parts)
