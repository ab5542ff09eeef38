"""The class report: what a class earned, which tasks are hard, which mistakes it makes, and who may need help."""

from collections.abc import Collection
from pathlib import Path

from autograder.classroom.gradebook import collector_at_rest
from autograder.files import write_atomically
from autograder.pages.report import page, reading, tables
from autograder.pages.report.summary import summarize


@collector_at_rest()
def write(folder: Path, path: Path, exercises: Collection[str] = (), csv: Path | None = None) -> list[Path]:
    """Write the report on the nbgrader course in `folder`, as a page and, where `csv` is a folder, as tables too.

    Without names it is on all that someone has handed in. Returns the paths written.
    """
    found = reading.read(folder, exercises)
    summaries = summarize(found)
    texts = {path: page.render(summaries)}
    if csv:
        texts |= {csv / f"{name}.csv": tables.csv(table) for name, table in tables.tables(summaries).items()}
    for target, text in texts.items():
        write_atomically(target, text)
    return list(texts)
