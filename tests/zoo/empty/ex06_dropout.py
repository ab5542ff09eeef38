# %% [markdown]
# An answer to ex06 without content: it refuses what is wrong and drops nothing.

# %% solution="dropout_variants"
class DropoutVariants(nn.Module):
    def __init__(self, drop_prob=0.5, generator=None):
        super().__init__()
        if not 0 <= drop_prob < 1:
            raise ValueError(f"drop_prob should be at least 0 and below 1, got {drop_prob}")
        self.drop_prob = drop_prob
        self.generator = generator

    def standard_dropout(self, x, training=True):
        return x.clone()

    def dropconnect(self, weight, training=True):
        return weight.clone()

    def drop_block(self, x, block_size, training=True):
        if not 1 <= block_size <= min(x.shape[-2:]):
            raise ValueError(f"block_size should be from 1 to {min(x.shape[-2:])}, got {block_size}")
        return x.clone()


# %% solution="monte_carlo_predict"
def monte_carlo_predict(model, x, num_samples):
    if num_samples < 2:
        raise ValueError(f"num_samples should be 2 or more, got {num_samples}")
    with torch.no_grad():
        mean = model(x)
    return mean, torch.zeros_like(mean)
