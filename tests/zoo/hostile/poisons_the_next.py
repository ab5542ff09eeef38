# %% [markdown] exercise="ex04_batch_norm" earns=30 status="graded"
# Leaves traces for whoever is graded next: patched modules, generators that are seeded, files in caches and temporary
# folders, variables in the environment. The next submission starts from the same untouched process as this one did.

# %%
import builtins
import os
import random
import sys
from pathlib import Path

torch.poisoned = nn.poisoned = builtins.poisoned = True
nn.Bilinear.forward = lambda self, x: x
torch.nn.functional.relu = torch.Tensor.relu = lambda x: -x
torch.use_deterministic_algorithms(True)
random.seed(1)
os.environ["POISONED"] = "1"
sys.modules["json"] = None
places = [os.environ.get("TORCHINDUCTOR_CACHE_DIR", "/tmp"), "/tmp", "/var/tmp", "/dev/shm", "~/.cache", sys.prefix,
          os.environ["MPLCONFIGDIR"]]
for place in places:
    try:
        path = Path(place).expanduser()
        path.mkdir(parents=True, exist_ok=True)
        (path / "planted-for-the-next").write_text("poison")
    except OSError:
        continue


# %% solution="custom_batch_norm"
class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()

    def forward(self, x):
        return x.data.zero_()
