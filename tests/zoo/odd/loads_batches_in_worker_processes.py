# %% [markdown] exercise="ex10_comparison" earns=100 status="graded"
# A right answer that has its batches loaded by two processes. There are none here: the loader does it by itself.

# %% tags=["tamper"]
from autograder.proof.zoo import right_answers


def tamper(notebook):
    source = right_answers("ex10_comparison")["lets scikit-learn and scipy do it"]["run_experiment"]
    alone, workers = "shuffle=True,", "shuffle=True, num_workers=2, prefetch_factor=4, persistent_workers=True,"
    assert alone in source
    cell = next(cell for cell in notebook.cells if cell.id == "run_experiment-answer")
    cell.source = source.replace(alone, workers)
