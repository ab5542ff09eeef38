# %% [markdown]
# Wrong answers to ex10, written in other ways than the misconceptions that they hold. Each is named rightly or not at all.

# %% solution="standardize" style="a function inside" holds=["standardizes with n - 1", "divides constant columns by zero"]
def standardize(train, validation, test):
    center = train.sum(axis=0) / len(train)
    spread = np.sqrt(((train - center) ** 2).sum(axis=0) / (len(train) - 1))

    def scaled(part):
        return (part - center) / spread

    return scaled(train), scaled(validation), scaled(test)


# %% solution="summarize" style="scipy's interval" holds=["takes the normal distribution for Student's", "summarizes a single value"]
def summarize(values, confidence=0.95):
    numbers = np.array(values, dtype=float)
    if numbers.size == 0:
        raise ValueError("no values")
    middle = float(np.mean(numbers))
    low, high = stats.norm.interval(confidence, loc=middle, scale=stats.sem(numbers))
    return middle, float(low), float(high)


# %% solution="paired_comparison" style="scipy's test" holds=["takes b minus a"]
def paired_comparison(a, b, confidence=0.95):
    gaps = np.array(b, dtype=float) - np.array(a, dtype=float) if len(a) == len(b) else np.array([])
    if gaps.size < 2:
        raise ValueError("pairs are needed, two or more")
    center, error = gaps.mean(), stats.sem(gaps)
    if error == 0:
        return float(center), float(center), float(center), float(center == 0)
    reach = stats.t.isf((1 - confidence) / 2, gaps.size - 1) * error
    return float(center), float(center - reach), float(center + reach), float(stats.ttest_1samp(gaps, 0).pvalue)


# %% solution="holm" style="a loop over ranks" holds=["lets a larger p overtake a smaller one", "takes any number for a p-value"]
def holm(p_values):
    given = [float(p) for p in p_values]
    result = np.zeros(len(given))
    for rank, place in enumerate(sorted(range(len(given)), key=given.__getitem__)):
        result[place] = min(1.0, (len(given) - rank) * given[place])
    return result


# %% solution="holm" style="one factor" holds=["multiplies all by their number"]
def holm(p_values):
    p = np.array(list(p_values), dtype=float)
    if len(p) and (p.min() < 0 or p.max() > 1 or np.isnan(p).any()):
        raise ValueError("these are no p-values: " + str(p))
    return np.clip(p * p.size, None, 1.0)
