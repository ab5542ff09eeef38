# %% [markdown] exercise="ex10_comparison" earns=100 status="graded" says="was handed in as ex10_comparison"
# A browser saved the notebook without an ending.

# %% tags=["files"]
import json


def files(folder, notebook):
    (folder / "ex10_comparison").write_text(json.dumps(notebook))
