# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# Right answers, and below them an experiment that puts other methods into the student's own class.

# %% tags=["last"]
CustomBatchNorm.forward = lambda self, x: x
CustomBatchNorm.__call__ = lambda self, x: 0
print(CustomBatchNorm(3)(torch.ones(2, 3)))
