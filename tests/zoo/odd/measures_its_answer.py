# %% [markdown] exercise="ex04_batch_norm" earns=100 status="graded"
# A right answer that measures itself, with Python's profiler and with PyTorch's. Neither is a way to look away.

# %% solution="batch_norm_backward"
import cProfile
import io
import pstats

from torch import profiler


def by_hand(grad_output, x, gamma, eps):
    std = torch.sqrt(x.var(0, unbiased=False) + eps)
    x_hat = (x - x.mean(0)) / std
    g = grad_output * gamma
    grad_x = (g - g.mean(0) - x_hat * (g * x_hat).mean(0)) / std
    return grad_x, (grad_output * x_hat).sum(0), grad_output.sum(0)


def batch_norm_backward(grad_output, x, gamma, eps=1e-5):
    own = cProfile.Profile()
    own.enable()
    by_hand(grad_output, x, gamma, eps)
    own.disable()
    pstats.Stats(own, stream=io.StringIO()).sort_stats("cumtime").print_stats(3)
    with cProfile.Profile():
        by_hand(grad_output, x, gamma, eps)
    with profiler.profile(activities=[profiler.ProfilerActivity.CPU], with_stack=True) as theirs:
        found = by_hand(grad_output, x, gamma, eps)
    theirs.key_averages()
    return found
