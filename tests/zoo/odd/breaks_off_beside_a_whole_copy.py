# %% [markdown] exercise="ex09_ensembles" earns=100 status="graded" says="breaks off"
# The upload of the first file was interrupted; the second one is whole.

# %% tags=["files"]
import json


def files(folder, notebook):
    text = json.dumps(notebook)
    (folder / "ex09_ensembles.ipynb").write_text(text[: len(text) // 2])
    (folder / "ex09_ensembles (1).ipynb").write_text(text)
