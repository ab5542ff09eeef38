# %% [markdown] exercise="ex04_batch_norm" earns=30 status="graded"
# A wrong layer that asks for more memory than there is, first at once, then in pieces, and returns far more than it
# was asked for. It hits its own limits; the tasks that are right keep their points.

# %% solution="custom_batch_norm"
class CustomBatchNorm(nn.Module):
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        super().__init__()

    def forward(self, x):
        x.data.zero_()
        pieces = []
        for size in (1 << 44, 1 << 27):
            try:
                while True:
                    pieces.append(torch.empty(size))
            except RuntimeError:
                continue
        del pieces
        return x.new_zeros(1).expand(1 << 20, 1 << 20)
