# %% [markdown] exercise="ex03_he" earns=100 status="graded" says="is written in utf-16"
# Opened and saved in Windows' Notepad: UTF-16 with a byte order mark, and Windows' line ends.

# %% tags=["files"]
import json


def files(folder, notebook):
    text = json.dumps(notebook, indent=1).replace("\n", "\r\n")
    (folder / "ex03_he.ipynb").write_bytes(text.encode("utf-16"))
