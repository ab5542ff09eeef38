# %% [markdown] exercise="ex09_ensembles" earns=100 status="graded" says="was handed in as ex09_ensembles.json"
# A browser saved the notebook as .json.

# %% tags=["files"]
import json


def files(folder, notebook):
    (folder / "ex09_ensembles.json").write_text(json.dumps(notebook))
