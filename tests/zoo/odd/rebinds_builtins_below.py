# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers, and below them a student who counts in variables called range, sum and len.

# %% tags=["last"]
range = 10
sum = range + 5
len, *max = "ab"
