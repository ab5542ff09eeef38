# %% [markdown] exercise="ex04_batch_norm" earns=100 status="timeout"
# A cell of the student's own never ends, before right answers. It is stopped when its time is over, the answers below
# it are run and heard, and the status says that something took too long.

# %%
import itertools
import time

for _ in itertools.count():
    time.sleep(0.01)
