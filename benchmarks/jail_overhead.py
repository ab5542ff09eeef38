"""Measures what each tier of walls adds to a submission, over the same processes without walls, in turns."""

import argparse
import contextlib
import json
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from autograder.judging.fence.sandbox import TIERS, Sandbox, SandboxError
from autograder.judging.fence.settings import Seconds
from autograder.judging.judge import judge
from autograder.proof import zoo

EXERCISE = "ex04_batch_norm"
BARE = "none"
TO = Path(__file__).parent / "results" / "jail_overhead.json"


def main():
    """Measure, show and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60, help="submissions of each kind (default: %(default)s)")
    parser.add_argument("--to", type=Path, default=TO, metavar="FILE")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    results = {"rounds": options.rounds, "load_before": round(os.getloadavg()[0], 2)}
    with contextlib.ExitStack() as stack:
        boxes = {BARE: stack.enter_context(Sandbox(jail=False))}
        boxes |= {tier: stack.enter_context(Sandbox(tiers=[tier])) for tier in TIERS}
        boxes = {tier: box for tier, box in boxes.items() if ready(box)}
        results["a process and one cell"] = measure(boxes, one_cell, options.rounds)
        results["judging the reference"] = measure(boxes, reference, options.rounds)
    show(results)
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    print(f"Written to {options.to}")


def ready(box: Sandbox) -> bool:
    """Whether the machine allows this tier; starts its server."""
    try:
        one_cell(box)
    except SandboxError:
        return False
    return True


def one_cell(box: Sandbox) -> None:
    """A submission that does nothing."""
    session = box.session()
    session.run("1 + 1")
    session.end()


def reference(box: Sandbox) -> None:
    """A submission that does all that there is to do."""
    verdict, _ = judge(zoo.reference(EXERCISE), EXERCISE, box, Seconds())
    assert verdict.points == 100, verdict.to_json()


def measure(boxes: dict[str, Sandbox], submission: Callable, rounds: int) -> dict:
    """By tier, the median milliseconds of a submission, what is over those of no walls, and their ratio."""
    taken: dict[str, list[float]] = {tier: [] for tier in boxes}
    for box in boxes.values():
        submission(box)
    for number in range(rounds):
        for tier in list(boxes)[:: -1 if number % 2 else 1]:
            started = time.perf_counter()
            submission(boxes[tier])
            taken[tier].append(1000 * (time.perf_counter() - started))
    medians = {tier: statistics.median(times) for tier, times in taken.items()}
    return {
        tier: {
            "milliseconds": round(median, 1),
            "over_no_walls": round(median - medians[BARE], 1),
            "ratio": round(median / medians[BARE], 2),
        }
        for tier, median in medians.items()
    }


def show(results: dict) -> None:
    """Print a table."""
    table = Table("", "walls", "ms", "over no walls, ms", "ratio", title="Medians per submission")
    for what, tiers in results.items():
        for tier, found in tiers.items() if isinstance(tiers, dict) else ():
            table.add_row(what, tier, *(str(found[key]) for key in ("milliseconds", "over_no_walls", "ratio")))
    Console().print(table)


if __name__ == "__main__":
    main()
