# %% [markdown] exercise="ex05_normalization" earns=100 status="graded" says="was handed in as ex05.tar/"
# The notebook in a tar.gz, as `tar czf` makes it.

# %% tags=["files"]
import io
import json
import tarfile


def files(folder, notebook):
    raw = json.dumps(notebook).encode()
    info = tarfile.TarInfo("./ex05_normalization.ipynb")
    info.size = len(raw)
    with tarfile.open(folder / "ex05.tar.gz", "w:gz") as archive:
        archive.addfile(info, io.BytesIO(raw))
