# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Writes far more than anyone reads: text on both streams, hundreds of pictures, tables without end, past Python's
# streams too. What is kept is bounded, and a right answer beside it keeps its points.

# %%
import os
import sys

import numpy as np
from IPython.display import HTML, Image, display

for _ in range(3):
    print("x" * 1_000_000)
    sys.stderr.write("y" * 1_000_000)
    os.write(1, b"z" * 1_000_000)
for _ in range(40):
    display(HTML("<b>" + "w" * 90_000 + "</b>"))
    display(Image(data=b"\x89PNG" + bytes(100_000), format="png"))
"v" * 1_000_000


# %%
np.set_printoptions(threshold=10**9)
print(np.zeros(10**4))
