# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers, and at the end a student who leaves nothing behind.

# %% tags=["last"]
del CustomBatchNorm, batch_norm_backward
for name in [name for name in globals() if not name.startswith('_')]:
    del globals()[name]


# %% tags=["last"]
# %reset -f
