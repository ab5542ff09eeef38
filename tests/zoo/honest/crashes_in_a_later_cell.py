# %% [markdown] exercise="ex04_batch_norm" earns=100 status="crashed"
# Right answers, and behind them an experiment that takes the process down. What was right before it stays right, and the
# cells behind it are run all the same.

# %% tags=["last"]
import ctypes

ctypes.string_at(0)


# %% tags=["last"]
print(CustomBatchNorm(3)(torch.randn(4, 3)))
