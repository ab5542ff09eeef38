# %% [markdown] exercise="ex04_batch_norm" earns=100 status="timeout"
# Right answers, and behind them a cell that trains until a loss is reached that it never reaches. It is stopped when its
# time is over.

# %% tags=["last"]
import time

loss = 1.0
while loss > 0:
    time.sleep(0.01)
