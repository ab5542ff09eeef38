# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers from a student who keeps files: a table and weights that are written and read again, a folder of
# checkpoints, a temporary file, and a file that was only on the student's own machine.

# %%
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

pd.DataFrame({"loss": [3, 2, 1]}).to_csv("losses.csv", index=False)
assert pd.read_csv("losses.csv").loss.sum() == 6
Path("checkpoints").mkdir()
torch.save(nn.Linear(2, 2).state_dict(), "checkpoints/last.pt")
torch.load("checkpoints/last.pt")
np.savez_compressed("arrays.npz", a=np.zeros(3))
shutil.copy("losses.csv", "checkpoints/losses.csv")
with tempfile.TemporaryDirectory() as folder, tempfile.NamedTemporaryFile("w") as file:
    Path(folder, "a").write_text("a")
    file.write("b")
shutil.rmtree("checkpoints")
Path("losses.csv").unlink()
print("ALL WELL")


# %%
pd.read_csv("C:/Users/ana/Downloads/mydata.csv")
