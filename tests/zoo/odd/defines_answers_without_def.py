# %% [markdown] exercise="ex01_gradient_flow" earns=100 status="graded" says="recognized by the text: 'growth_rate-answer'"
# Short answers as lambdas, both in one cell without a label.

# %% tags=["tamper"]
from nbformat.v4 import new_code_cell

TEXT = """
def _rate(norms):
    norms = np.asarray(norms, dtype=float)
    if norms.size < 2 or not (norms > 0).all():
        raise ValueError(f"norms: {norms}")
    return float(np.exp(np.polyfit(np.arange(norms.size), np.log(norms), 1)[0]))


growth_rate = _rate
"""


def tamper(notebook):
    place = next(i for i, cell in enumerate(notebook.cells) if cell.id == "growth_rate-answer")
    notebook.cells[place] = new_code_cell(TEXT)
