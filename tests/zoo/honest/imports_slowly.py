# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers that need a module of their own, which takes its time to be imported, and one that is not installed here.

# %%
from pathlib import Path

Path("my_helpers.py").write_text("import time\ntime.sleep(1.5)\nFACTOR = 2\n")
import sys

sys.path.insert(0, "")
import my_helpers

print(my_helpers.FACTOR)


# %%
import tensorflow
