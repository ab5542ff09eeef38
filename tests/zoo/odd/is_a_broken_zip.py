# %% [markdown] exercise="ex02_xavier" status="unreadable" says="hand in the notebook itself"
# A zip whose upload was interrupted.

# %% tags=["files"]
import io
import json
import zipfile


def files(folder, notebook):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("ex02_xavier.ipynb", json.dumps(notebook))
    (folder / "ex02_xavier.zip").write_bytes(stream.getvalue()[:-200])
