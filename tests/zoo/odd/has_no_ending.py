# %% [markdown] exercise="ex08_early_stopping" earns=100 status="graded" says="was handed in as ex08_early_stopping"
# A browser saved the notebook without an ending.

# %% tags=["files"]
import json


def files(folder, notebook):
    (folder / "ex08_early_stopping").write_text(json.dumps(notebook))
