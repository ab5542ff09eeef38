"""What students get wrong in ex09, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

_AVERAGED = 'return torch.einsum("m,mnc->nc", shares, probabilities)'
_VOTED = """logits = self._logits(x)
        votes ="""
_COUNTED = "return votes.sum(dim=0).argmax(dim=-1)  # the first of the largest"
_REFUSED = 'raise ValueError(f"weights should be {len(self.models)} numbers, none negative, not all 0, got {weights}")'

MISCONCEPTIONS = [
    # predict_average
    Misconception(
        "averages the logits",
        task="predict_average",
        old="probabilities = self._logits(x).softmax(dim=-1)",
        new="probabilities = self._logits(x)",
        hint="What you return are averaged logits: rows that do not add up to 1. Each model's logits have to become "
        "probabilities first.",
        severity="fundamental",
    ),
    Misconception(
        "averages first and takes softmax afterwards",
        task="predict_average",
        old="""probabilities = self._logits(x).softmax(dim=-1)
        shares = probabilities.new_tensor([weight / sum(weights) for weight in weights])
        """
        + _AVERAGED,
        new="""probabilities = self._logits(x)
        shares = probabilities.new_tensor([weight / sum(weights) for weight in weights])
        return torch.einsum("m,mnc->nc", shares, probabilities).softmax(dim=-1)""",
        hint="Your rows add up to 1, but what you average are logits, and softmax comes last. That is a geometric "
        "mean of the probabilities: one model with huge logits outvotes all others.",
        severity="fundamental",
    ),
    Misconception(
        "takes softmax over the rows",
        task="predict_average",
        old="softmax(dim=-1)",
        new="softmax(dim=1)",
        hint="Your softmax runs over the rows of x, so that the rows compete with each other. The classes of one row "
        "should: which dimension are they in?",
        severity="fundamental",
    ),
    Misconception(
        "takes softmax over the models",
        task="predict_average",
        old="softmax(dim=-1)",
        new="softmax(dim=0)",
        hint="Your softmax runs over the models. It belongs to each model alone and runs over its classes.",
        severity="fundamental",
    ),
    Misconception(
        "averages sigmoids",
        task="predict_average",
        old="self._logits(x).softmax(dim=-1)",
        new="self._logits(x).sigmoid()",
        hint="You squash each logit by itself. A softmax looks at all classes of a row at once; that is why its "
        "values add up to 1.",
        severity="fundamental",
    ),
    Misconception(
        "ignores the weights",
        task="predict_average",
        old=_AVERAGED,
        new="return probabilities.mean(dim=0)",
        hint="Your mean is the same whatever the weights are. They are an argument of the method: a model with twice "
        "the weight counts twice.",
        severity="substantial",
    ),
    Misconception(
        "does not divide by the sum of the weights",
        task="predict_average",
        old="[weight / sum(weights) for weight in weights]",
        new="[float(weight) for weight in weights]",
        hint="Your rows add up to the sum of the weights. Weights count in proportion: [2, 1, 5] and [4, 2, 10] "
        "have to give the same.",
        severity="fundamental",
    ),
    Misconception(
        "divides by the number of models",
        task="predict_average",
        old="[weight / sum(weights) for weight in weights]",
        new="[weight / len(weights) for weight in weights]",
        hint="You divide by the number of models. That is right for equal weights of 1; in general the weights have "
        "to be divided by something that makes them add up to 1.",
        severity="substantial",
    ),
    Misconception(
        "takes softmax of the weights",
        task="predict_average",
        old="probabilities.new_tensor([weight / sum(weights) for weight in weights])",
        new="probabilities.new_tensor([float(weight) for weight in weights]).softmax(dim=0)",
        hint="Your shares are the softmax of the weights: a weight of 0 still counts, and doubling all weights "
        "changes the result. They are proportions already; they only need to add up to 1.",
        severity="substantial",
    ),
    Misconception(
        "accepts any weights",
        task="predict_average",
        old=_REFUSED,
        new="weights = weights",
        hint="You accept weights that make no mean. With a negative weight `probabilities` may be negative, and with "
        "zeros only you divide 0 by 0: see what the docstring says about both.",
        severity="minor",
    ),
    Misconception(
        "looks at the sum of the weights only",
        task="predict_average",
        old="min(weights) < 0 or sum(weights) == 0",
        new="sum(weights) <= 0",
        hint="You refuse weights by their sum. [2, -1, 3] has a positive sum and is still no set of weights: look at "
        "each of them.",
        severity="minor",
    ),
    Misconception(
        "refuses a weight of zero",
        task="predict_average",
        old="min(weights) < 0 or sum(weights) == 0",
        new="min(weights) <= 0",
        hint="You refuse every weight of 0. A model may be silenced, as long as not all are.",
        severity="minor",
    ),
    Misconception(
        "returns float32 whatever the models work in",
        task="predict_average",
        old=_AVERAGED,
        new='return torch.einsum("m,mnc->nc", shares, probabilities).float()',
        hint="Models in float64 give you a result in float32. Half of the digits are lost on the way: who sets the "
        "dtype?",
        severity="minor",
    ),
    Misconception(
        "lets the weights set the dtype",
        task="predict_average",
        old="shares = probabilities.new_tensor([weight / sum(weights) for weight in weights])\n        " + _AVERAGED,
        new="""shares = torch.tensor([weight / sum(weights) for weight in weights], dtype=torch.float64)
        return (shares[:, None, None] * probabilities).sum(dim=0)""",
        hint="Models in float32 give you a result in float64: your weights are in float64, and the product takes the "
        "wider of the two. The result follows the models.",
        severity="minor",
    ),
    Misconception(
        "squeezes the result",
        task="predict_average",
        old=_AVERAGED,
        new='return torch.einsum("m,mnc->nc", shares, probabilities).squeeze()',
        hint="For a single row your result loses a dimension. `squeeze()` removes every dimension of size 1, also "
        "those that mean something.",
        severity="minor",
    ),
    Misconception(
        "normalizes the caller's weights in place",
        task="predict_average",
        old="shares = probabilities.new_tensor([weight / sum(weights) for weight in weights])",
        new="""total = sum(weights)
        for model, weight in enumerate(weights):
            weights[model] = weight / total
        shares = torch.tensor(weights).to(probabilities)""",
        hint="After the call the caller's list of weights holds other numbers. It is not yours: make a new list.",
        severity="minor",
    ),
    Misconception(
        "accepts an empty list of models",
        task="predict_average",
        old="if len(models) == 0:",
        new="if models is None:",
        hint="You build an ensemble of no models, and it fails much later, somewhere else. An empty list should be "
        "refused where it comes in.",
        severity="minor",
    ),
    Misconception(
        "averages in whatever mode the models are in",
        task="predict_average",
        old="probabilities = self._logits(x).softmax(dim=-1)",
        new="""with torch.no_grad():
            probabilities = torch.stack([model(x) for model in self.models]).softmax(dim=-1)""",
        hint="You run the models in the mode that they happen to be in. A network in training mode drops units at "
        "random and normalizes by the batch: predictions are made in eval mode.",
        severity="substantial",
    ),
    Misconception(
        "leaves the models in eval mode after averaging",
        task="predict_average",
        old="probabilities = self._logits(x).softmax(dim=-1)",
        new="""probabilities = self._logits(x).softmax(dim=-1)
        for model in self.models:
            model.eval()""",
        hint="After your prediction all models are in eval mode. Somebody may be in the middle of training one: put "
        "back what you found.",
        severity="minor",
    ),
    Misconception(
        "puts all models into training mode after averaging",
        task="predict_average",
        old="probabilities = self._logits(x).softmax(dim=-1)",
        new="""probabilities = self._logits(x).softmax(dim=-1)
        for model in self.models:
            model.train()""",
        hint="After your prediction all models are in training mode, also those that were in eval mode before. "
        "Remember what you found and put that back.",
        severity="minor",
    ),
    Misconception(
        "gives every module the mode of its model after averaging",
        task="predict_average",
        old="probabilities = self._logits(x).softmax(dim=-1)",
        new="""modes = [model.training for model in self.models]
        probabilities = self._logits(x).softmax(dim=-1)
        for model, mode in zip(self.models, modes):
            model.train(mode)""",
        hint="You remember one flag for a whole model, and `train(flag)` gives it to everything inside. A frozen "
        "batch normalization layer wakes up that way: each module has a mode of its own.",
        severity="minor",
    ),
    Misconception(
        "averages with a gradient",
        task="predict_average",
        old="probabilities = self._logits(x).softmax(dim=-1)",
        new="""modes = {module: module.training for model in self.models for module in model.modules()}
        probabilities = torch.stack([model.eval()(x) for model in self.models]).softmax(dim=-1)
        for module, mode in modes.items():
            module.training = mode""",
        hint="Your models record a graph while they predict, and the result holds on to it. Nobody will go backward "
        "from here: switch the recording off.",
        severity="minor",
    ),
    Misconception(
        "detaches the average afterwards",
        task="predict_average",
        old="probabilities = self._logits(x).softmax(dim=-1)",
        new="""modes = {module: module.training for model in self.models for module in model.modules()}
        probabilities = torch.stack([model.eval()(x) for model in self.models]).detach().softmax(dim=-1)
        for module, mode in modes.items():
            module.training = mode""",
        hint="Your result carries no gradient, but the models have recorded one: all their activations were kept, "
        "for nothing, until you cut them off. Switch the recording off before the models run.",
        severity="minor",
    ),
    # predict_voting
    Misconception(
        "votes by the mean of the logits",
        task="predict_voting",
        old=_COUNTED,
        new="return logits.mean(dim=0).argmax(dim=-1)",
        hint="One very sure model decides for all in your vote: you average, and then choose. In a vote every model "
        "chooses first, and all votes count the same.",
        severity="fundamental",
    ),
    Misconception(
        "votes by the mean of the probabilities",
        task="predict_voting",
        old=_COUNTED,
        new="return logits.softmax(dim=-1).mean(dim=0).argmax(dim=-1)",
        hint="That is the class that `predict_average` finds most probable. In a vote every model chooses first, and "
        "how sure it is plays no part.",
        severity="fundamental",
    ),
    Misconception(
        "gives ties to the largest class",
        task="predict_voting",
        old=_COUNTED,
        new="""counts = votes.sum(dim=0)
        return counts.shape[-1] - 1 - counts.flip(-1).argmax(dim=-1)""",
        hint="Your majorities are right, and ties go to the largest class. They should go to the smallest.",
        severity="substantial",
    ),
    Misconception(
        "gives ties to the model that comes first",
        task="predict_voting",
        old=_COUNTED,
        new="""from collections import Counter
        choices = logits.argmax(dim=-1).T.tolist()
        return torch.tensor([Counter(row).most_common(1)[0][0] for row in choices])""",
        hint="In a tie your winner is the class that was voted for first, so that the order of the models matters. "
        "Python's Counter and statistics.mode do that. A tie should go to the smallest class.",
        severity="substantial",
    ),
    Misconception(
        "answers a tie with the first model's class",
        task="predict_voting",
        old=_COUNTED,
        new="""counts, first = votes.sum(dim=0), logits[0].argmax(dim=-1)
        tied = (counts == counts.max(dim=-1, keepdim=True).values).sum(dim=-1) > 1
        return torch.where(tied, first, counts.argmax(dim=-1))""",
        hint="Where there is a tie you take the first model's class, even if it is not among the winners. A tie goes "
        "to the smallest of the classes with the most votes.",
        severity="substantial",
    ),
    Misconception(
        "takes the smallest class that anybody votes for",
        task="predict_voting",
        old=_COUNTED,
        new="return logits.argmax(dim=-1).min(dim=0).values",
        hint="You return the smallest class with a vote, however many votes the others have. The smallest class only "
        "decides between classes with *equally many* votes.",
        severity="fundamental",
    ),
    Misconception(
        "takes the median of the classes",
        task="predict_voting",
        old=_COUNTED,
        new="return logits.argmax(dim=-1).median(dim=0).values",
        hint="You take the class in the middle of the votes. Classes are names, they have no middle: count how many "
        "votes each one gets.",
        severity="fundamental",
    ),
    Misconception(
        "averages the classes",
        task="predict_voting",
        old=_COUNTED,
        new="return logits.argmax(dim=-1).double().mean(dim=0).round().long()",
        hint="You take the mean of the class numbers. Half of the votes for 2 and half for 6 do not make a 4: count "
        "how many votes each class gets.",
        severity="fundamental",
    ),
    Misconception(
        "lets the first model decide",
        task="predict_voting",
        old=_COUNTED,
        new="return logits[0].argmax(dim=-1)",
        hint="Only one model's class comes back. Does your loop keep all the votes?",
        severity="fundamental",
    ),
    Misconception(
        "returns the number of votes",
        task="predict_voting",
        old=_COUNTED,
        new="return votes.sum(dim=0).max(dim=-1).values",
        hint="You return how many votes the winner has, not who it is.",
        severity="fundamental",
    ),
    Misconception(
        "returns one row of votes for each row",
        task="predict_voting",
        old=_COUNTED,
        new="return votes.sum(dim=0)",
        hint="Your result holds all the counts, (N, C). For each row, the class that has most is asked for.",
        severity="fundamental",
    ),
    Misconception(
        "returns classes as floats",
        task="predict_voting",
        old=_COUNTED,
        new="return votes.sum(dim=0).argmax(dim=-1).float()",
        hint="The classes are right, but they come as floating point numbers. Nobody can index with 3.0: keep them "
        "integers.",
        severity="minor",
    ),
    Misconception(
        "squeezes the votes",
        task="predict_voting",
        old=_COUNTED,
        new="return votes.sum(dim=0).argmax(dim=-1).squeeze()",
        hint="For a single row your result has no dimension at all. `squeeze()` removes every dimension of size 1, "
        "also those that mean something.",
        severity="minor",
    ),
    Misconception(
        "votes in whatever mode the models are in",
        task="predict_voting",
        old=_VOTED,
        new="""with torch.no_grad():
            logits = torch.stack([model(x) for model in self.models])
        votes =""",
        hint="You run the models in the mode that they happen to be in. A network in training mode drops units at "
        "random and normalizes by the batch: predictions are made in eval mode.",
        severity="substantial",
    ),
    Misconception(
        "leaves the models in eval mode after voting",
        task="predict_voting",
        old=_VOTED,
        new="""logits = self._logits(x)
        for model in self.models:
            model.eval()
        votes =""",
        hint="After your vote all models are in eval mode. Somebody may be in the middle of training one: put back "
        "what you found.",
        severity="minor",
    ),
    Misconception(
        "puts all models into training mode after voting",
        task="predict_voting",
        old=_VOTED,
        new="""logits = self._logits(x)
        for model in self.models:
            model.train()
        votes =""",
        hint="After your vote all models are in training mode, also those that were in eval mode before. Remember "
        "what you found and put that back.",
        severity="minor",
    ),
    Misconception(
        "gives every module the mode of its model after voting",
        task="predict_voting",
        old=_VOTED,
        new="""modes = [model.training for model in self.models]
        logits = self._logits(x)
        for model, mode in zip(self.models, modes):
            model.train(mode)
        votes =""",
        hint="You remember one flag for a whole model, and `train(flag)` gives it to everything inside. A frozen "
        "batch normalization layer wakes up that way: each module has a mode of its own.",
        severity="minor",
    ),
    Misconception(
        "votes with a gradient",
        task="predict_voting",
        old=_VOTED,
        new="""modes = {module: module.training for model in self.models for module in model.modules()}
        logits = torch.stack([model.eval()(x) for model in self.models])
        for module, mode in modes.items():
            module.training = mode
        votes =""",
        hint="Integers carry no gradient, so the result looks fine. But while they ran, your models recorded a graph "
        "and kept all their activations for it: switch the recording off.",
        severity="minor",
    ),
    # disagreement
    Misconception(
        "counts each model against itself",
        task="disagreement",
        old="(num_models * (num_models - 1))",
        new="num_models**2",
        hint="Your mean runs over all M * M pairs, the M pairs of a model with itself included, and these never "
        "differ. Only two *different* models count.",
        severity="fundamental",
    ),
    Misconception(
        "adds up the pairs twice",
        task="disagreement",
        old="(num_models * (num_models - 1))",
        new="(num_models * (num_models - 1) / 2)",
        hint="Your value is twice as large as it should be. Does your sum have each pair once or both ways round, and "
        "how many terms is that?",
        severity="fundamental",
    ),
    Misconception(
        "sums over the pairs",
        task="disagreement",
        old="return share.sum().item() / (num_models * (num_models - 1))",
        new="return share.sum().item() / 2",
        hint="For two models your value is right, and with more it grows. A mean over the pairs is asked for, not "
        "their sum.",
        severity="fundamental",
    ),
    Misconception(
        "counts rows on which not all agree",
        task="disagreement",
        old="return share.sum().item() / (num_models * (num_models - 1))",
        new="return (predictions != predictions[0]).any(dim=0).double().mean().item()",
        hint="You count the rows on which not *all* models agree. A single dissenter then weighs as much as a wild "
        "mixture: look at two models at a time.",
        severity="fundamental",
    ),
    Misconception(
        "compares everybody with the first model",
        task="disagreement",
        old="return share.sum().item() / (num_models * (num_models - 1))",
        new="return share[0, 1:].mean().item()",
        hint="You compare every model with the first one only. There are M(M - 1)/2 pairs.",
        severity="fundamental",
    ),
    Misconception(
        "compares neighbors in the list",
        task="disagreement",
        old="return share.sum().item() / (num_models * (num_models - 1))",
        new="return share.diagonal(1).mean().item()",
        hint="You compare each model with the next one in the list. There are more pairs than that, and the order of "
        "the models should not matter.",
        severity="fundamental",
    ),
    Misconception(
        "compares everybody with the majority",
        task="disagreement",
        old="return share.sum().item() / (num_models * (num_models - 1))",
        new="return (predictions != predictions.mode(dim=0).values).double().mean().item()",
        hint="You measure how far the models are from their majority. The models are to be compared with each other.",
        severity="fundamental",
    ),
    Misconception(
        "returns the agreement",
        task="disagreement",
        old="predictions[:, None] != predictions[None, :]",
        new="(predictions[:, None] == predictions[None, :]) & ~torch.eye(num_models, dtype=torch.bool)[:, :, None]",
        hint="Your value is 1 for models that always agree and 0 for those that never do. That is the agreement.",
        severity="fundamental",
    ),
    Misconception(
        "measures how far classes are apart",
        task="disagreement",
        old="differ = predictions[:, None] != predictions[None, :]",
        new="differ = (predictions[:, None] - predictions[None, :]).abs()",
        hint="You subtract class labels. They are names: 3 and 7 are no further apart than 3 and 4.",
        severity="substantial",
    ),
    Misconception(
        "counts rows instead of taking their share",
        task="disagreement",
        old="share = differ.double().mean(dim=-1)",
        new="share = differ.double().sum(dim=-1)",
        hint="Your value is a number of rows. Divide by how many rows there are, so that data sets of any size can be "
        "compared.",
        severity="fundamental",
    ),
    Misconception(
        "returns a tensor",
        task="disagreement",
        old="share.sum().item()",
        new="share.sum()",
        hint="The value is right, but it is a tensor with one element. A plain float is asked for.",
        severity="minor",
    ),
    # out_of_fold_predictions
    Misconception(
        "trains on all rows",
        task="out_of_fold_predictions",
        old="predict = fit(X[outside], y[outside])",
        new="predict = fit(X, y)",
        hint="Each of your models is trained on all rows and then asked about some of them. Nothing is out of fold "
        "here: a model that learns by heart looks perfect.",
        severity="fundamental",
    ),
    Misconception(
        "trains once and asks about every fold",
        task="out_of_fold_predictions",
        old="""        for fold in folds:
            outside = np.setdiff1d(order, fold)
            predict = fit(X[outside], y[outside])
""",
        new="""        outside = np.setdiff1d(order, folds[0])
        predict = fit(X[outside], y[outside])
        for fold in folds:
""",
        hint="You train each model once, without the first fold, and then ask it about all folds. All but the first "
        "are rows that it has seen: every fold needs a model of its own.",
        severity="fundamental",
    ),
    Misconception(
        "trains on the fold that it predicts",
        task="out_of_fold_predictions",
        old="fit(X[outside], y[outside])",
        new="fit(X[fold], y[fold])",
        hint="You train on a fold and ask about the same fold, so that each model has seen all it is asked about, and "
        "little else. Which of the two parts is for training?",
        severity="fundamental",
    ),
    Misconception(
        "trains on the fold and predicts the others",
        task="out_of_fold_predictions",
        old="""predict = fit(X[outside], y[outside])
            parts.append(predict(X[fold]))""",
        new="""predict = fit(X[fold], y[fold])
            parts.append(predict(X[outside]))""",
        hint="You train on one fold and predict all the others: every row is predicted several times, by models that "
        "have seen hardly anything. It is the other way round.",
        severity="fundamental",
    ),
    Misconception(
        "trains on the next fold only",
        task="out_of_fold_predictions",
        old="outside = np.setdiff1d(order, fold)",
        new="outside = folds[(len(parts) + 1) % num_folds]",
        hint="Your models have not seen their rows, and not many others either: each is trained on a single fold. All "
        "rows outside the fold are there to learn from.",
        severity="substantial",
    ),
    Misconception(
        "draws the training rows with replacement",
        task="out_of_fold_predictions",
        old="outside = np.setdiff1d(order, fold)",
        new="""outside = np.setdiff1d(order, fold)
            outside = outside[np.arange(len(outside)) // 2 * 2]""",
        hint="Your models get some rows twice and others not at all. That is bagging; here each of them learns from "
        "every row outside its fold, once.",
        severity="substantial",
    ),
    Misconception(
        "leaves the predictions in the order of the folds",
        task="out_of_fold_predictions",
        old="np.concatenate(parts)[np.argsort(order)]",
        new="np.concatenate(parts)",
        hint="Your predictions come fold after fold, not in the order of X: row i is about some other row, and the "
        "labels do not belong to it. Put each prediction into its row's place.",
        severity="fundamental",
    ),
    Misconception(
        "puts the same class of all models side by side",
        task="out_of_fold_predictions",
        old="return np.hstack(blocks)",
        new="return np.stack(blocks, axis=-1).reshape(len(X), -1)",
        hint="Your columns go class by class: class 0 of all models, then class 1. A model's probabilities should "
        "stay together.",
        severity="substantial",
    ),
    Misconception(
        "reshapes models into rows",
        task="out_of_fold_predictions",
        old="return np.hstack(blocks)",
        new="return np.array(blocks).reshape(len(X), -1)",
        hint="`reshape` reads your array (models, n, classes) from front to back, so that the first rows of the result "
        "hold the first model only. To change the order of dimensions, you have to say so.",
        severity="substantial",
    ),
    Misconception(
        "takes the models in reverse order",
        task="out_of_fold_predictions",
        old="return np.hstack(blocks)",
        new="return np.hstack(blocks[::-1])",
        hint="The last model's columns come first. They should stand in the order of the fit functions.",
        severity="substantial",
    ),
    Misconception(
        "averages the models",
        task="out_of_fold_predictions",
        old="return np.hstack(blocks)",
        new="return np.mean(blocks, axis=0)",
        hint="You return one set of probabilities, the mean of the models. The meta-model is to learn whom to believe, "
        "so it has to see them one by one.",
        severity="substantial",
    ),
    Misconception(
        "gives classes instead of probabilities",
        task="out_of_fold_predictions",
        old="parts.append(predict(X[fold]))",
        new="parts.append(np.eye(len(np.unique(y)))[predict(X[fold]).argmax(axis=1)])",
        hint="You keep each model's class and forget how sure it is. The probabilities themselves are the features.",
        severity="substantial",
    ),
    Misconception(
        "leaves out the first class",
        task="out_of_fold_predictions",
        old="parts.append(predict(X[fold]))",
        new="parts.append(predict(X[fold])[:, 1:])",
        hint="A column is missing for each model. It follows from the others, but all classes are asked for.",
        severity="fundamental",
    ),
    Misconception(
        "shuffles X and not y",
        task="out_of_fold_predictions",
        old="predict = fit(X[outside], y[outside])",
        new="predict = fit(X[outside], y[: len(outside)])",
        hint="Your models get rows with the labels of other rows. Index X and y with the same row numbers.",
        severity="fundamental",
    ),
    Misconception(
        "drops the rows that do not fill a fold",
        task="out_of_fold_predictions",
        old="folds = np.array_split(order, num_folds)",
        new="""order = order[: len(X) // num_folds * num_folds]
    folds = np.array_split(order, num_folds)""",
        hint="When the rows do not divide evenly, the last ones are never predicted. Every row is, once.",
        severity="fundamental",
    ),
    Misconception(
        "puts the remainder into the last fold",
        task="out_of_fold_predictions",
        old="folds = np.array_split(order, num_folds)",
        new="folds = np.split(order, [len(X) // num_folds * k for k in range(1, num_folds)])",
        hint="Your folds are equally large, and the last one takes all the rows that are left over. Hand these out "
        "one by one: the sizes should differ by one at most.",
        severity="minor",
    ),
    Misconception(
        "always makes five folds",
        task="out_of_fold_predictions",
        old="folds = np.array_split(order, num_folds)",
        new="folds = np.array_split(order, min(5, len(X)))",
        hint="There are five folds, whatever `num_folds` says.",
        severity="minor",
    ),
    Misconception(
        "accepts any number of folds",
        task="out_of_fold_predictions",
        old="if not 2 <= num_folds <= len(X):",
        new="if num_folds is None:",
        hint="You accept a single fold, which leaves no row to train on, and more folds than rows, of which some are "
        "empty. Both should be refused by name.",
        severity="minor",
    ),
    Misconception(
        "refuses a single fold only",
        task="out_of_fold_predictions",
        old="if not 2 <= num_folds <= len(X):",
        new="if num_folds < 2:",
        hint="You refuse too few folds, but not too many: with more folds than rows some are empty.",
        severity="minor",
    ),
    Misconception(
        "refuses to leave one out",
        task="out_of_fold_predictions",
        old="if not 2 <= num_folds <= len(X):",
        new="if not 2 <= num_folds < len(X):",
        hint="As many folds as rows is allowed: each row is then predicted by a model of all the others. That is how "
        "stacking began.",
        severity="minor",
    ),
    Misconception(
        "shuffles the caller's rows",
        task="out_of_fold_predictions",
        old="    blocks = []\n",
        new="""    if rng is not None:
        X[:], y[:] = X[order], y[order]
        X, y = X[np.argsort(order)], y[np.argsort(order)]
    blocks = []
""",
        hint="After the call the caller's X and y are in another order. Shuffle row numbers, not the rows.",
        severity="minor",
    ),
    Misconception(
        "shuffles by numpy's global generator",
        task="out_of_fold_predictions",
        old="np.random.default_rng(rng).permutation(len(X))",
        new="np.random.permutation(len(X))",
        hint="You accept a generator and shuffle by numpy's global one, so nobody can repeat your folds by passing "
        "`rng`. Draw from it.",
        severity="minor",
    ),
    Misconception(
        "seeds numpy's global generator",
        task="out_of_fold_predictions",
        old="order = np.random.default_rng(rng).permutation(len(X))",
        new="np.random.seed(42)\n    order = np.random.permutation(len(X))",
        hint="Your function seeds numpy's global generator, so whoever draws after you draws the same numbers each "
        "time. Seeds are the caller's business: draw from `rng`.",
        severity="minor",
    ),
    # StackingEnsemble
    Misconception(
        "trains the meta-model on what base models say about their own rows",
        task="stacking_ensemble",
        old="features = out_of_fold_predictions(self.fit_functions, X, y, self.num_folds, self.rng)",
        new="features = np.hstack([fit(X, y)(X) for fit in self.fit_functions])",
        hint="Your meta-model learns from predictions about rows that the base models were trained on. Whoever "
        "learned them by heart looks perfect there: it needs the out-of-fold predictions.",
        severity="fundamental",
    ),
    Misconception(
        "asks base models that have not seen every row",
        task="stacking_ensemble",
        old="[fit(X, y) for fit in self.fit_functions]",
        new="[fit(X[len(X) // self.num_folds :], y[len(X) // self.num_folds :]) for fit in self.fit_functions]",
        hint="The base models that answer for new rows have never seen one of the folds. Those of the folds only make "
        "training data for the meta-model; new rows are answered by models that were fitted on everything.",
        severity="substantial",
    ),
    Misconception(
        "trains the base models again with other labels",
        task="stacking_ensemble",
        old="[fit(X, y) for fit in self.fit_functions]",
        new="[fit(X, self.meta_model.predict(features)) for fit in self.fit_functions]",
        hint="Your base models are fitted on what the meta-model predicts. They have to learn the true labels, y.",
        severity="substantial",
    ),
    Misconception(
        "averages the base models",
        task="stacking_ensemble",
        old="""features = np.hstack([predict(X) for predict in self.base_models])
        return self.meta_model.predict_proba(features)""",
        new="return np.mean([predict(X) for predict in self.base_models], axis=0)",
        hint="Your meta-model is trained and then never asked: the result is the mean of the base models. It should "
        "decide whom to believe.",
        severity="fundamental",
    ),
    Misconception(
        "asks the base models in another order than in training",
        task="stacking_ensemble",
        old="[predict(X) for predict in self.base_models]",
        new="[predict(X) for predict in reversed(self.base_models)]",
        hint="When it predicts, your meta-model sees the base models' columns in another order than in training. Each "
        "column needs to mean the same both times.",
        severity="fundamental",
    ),
    Misconception(
        "shows the meta-model the first base model only",
        task="stacking_ensemble",
        old="[predict(X) for predict in self.base_models]",
        new="[self.base_models[0](X) for _ in self.base_models]",
        hint="One base model stands in the place of all. Does your loop use its variable?",
        severity="substantial",
    ),
    Misconception(
        "shows the meta-model the rows too",
        task="stacking_ensemble",
        old="""features = np.hstack([predict(X) for predict in self.base_models])
        return self.meta_model.predict_proba(features)""",
        new="""features = np.hstack([predict(X) for predict in self.base_models])
        rows = np.zeros((X.shape[1], len(self.meta_model.classes_)))
        rows[0] = np.arange(rows.shape[1]) / 100
        scores = np.exp(self.meta_model.predict_log_proba(features) + X @ rows)
        return scores / scores.sum(axis=1, keepdims=True)""",
        hint="Your meta-model also looks at the rows themselves. Then it is one more model of the data; here it only "
        "learns whom to believe.",
        severity="minor",
    ),
    Misconception(
        "combines by one regression a class",
        task="stacking_ensemble",
        old="LogisticRegression(max_iter=1000).fit(features, y)",
        new="""LogisticRegression(max_iter=1000)
        from sklearn.multiclass import OneVsRestClassifier
        self.meta_model = OneVsRestClassifier(self.meta_model).fit(features, y)""",
        hint="Your meta-model is one yes-or-no regression for each class, scaled to add up to 1. A multinomial one "
        "has a single softmax over all classes; scikit-learn's LogisticRegression is that as it is.",
        severity="minor",
    ),
    Misconception(
        "combines by a decision tree",
        task="stacking_ensemble",
        old="self.meta_model = LogisticRegression(max_iter=1000).fit(features, y)",
        new="""from sklearn.tree import DecisionTreeClassifier
        self.meta_model = DecisionTreeClassifier(max_depth=2, random_state=0).fit(features, y)""",
        hint="Your meta-model jumps where it should change smoothly. A multinomial logistic regression is asked for: "
        "few parameters, since it has to be learned from few rows.",
        severity="substantial",
    ),
    Misconception(
        "gives hard classes as probabilities",
        task="stacking_ensemble",
        old="return self.meta_model.predict_proba(features)",
        new="return np.eye(len(self.meta_model.classes_))[self.meta_model.predict(features)]",
        hint="Your probabilities are 0 or 1 only. The meta-model knows how sure it is: ask it for that.",
        severity="substantial",
    ),
    Misconception(
        "gives scores instead of probabilities",
        task="stacking_ensemble",
        old="return self.meta_model.predict_proba(features)",
        new="return self.meta_model.decision_function(features)",
        hint="Your rows do not add up to 1: these are the meta-model's scores before the softmax.",
        severity="substantial",
    ),
    Misconception(
        "gives the logarithms of the probabilities",
        task="stacking_ensemble",
        old="return self.meta_model.predict_proba(features)",
        new="return self.meta_model.predict_log_proba(features)",
        hint="All your entries are negative: these are logarithms. Probabilities add up to 1.",
        severity="substantial",
    ),
    Misconception(
        "predicts by the mean of the base models",
        task="stacking_ensemble",
        old="return self.predict_proba(X).argmax(axis=1)",
        new="return np.mean([predict(X) for predict in self.base_models], axis=0).argmax(axis=1)",
        hint="`predict` and `predict_proba` do not belong to the same model: the classes are those of the base "
        "models' mean. The meta-model has the last word in both.",
        severity="substantial",
    ),
    Misconception(
        "predicts probabilities",
        task="stacking_ensemble",
        old="return self.predict_proba(X).argmax(axis=1)",
        new="return self.predict_proba(X)",
        hint="`predict` gives the probabilities once more. One class for each row is asked for.",
        severity="substantial",
    ),
    Misconception(
        "predicts the largest probability",
        task="stacking_ensemble",
        old="return self.predict_proba(X).argmax(axis=1)",
        new="return self.predict_proba(X).max(axis=1)",
        hint="You return how probable the best class is, not which one it is.",
        severity="substantial",
    ),
    Misconception(
        "returns nothing from fit",
        task="stacking_ensemble",
        old="        return self\n",
        new="        return None\n",
        hint="`fit` gives back None, so that `StackingEnsemble(...).fit(X, y).predict(rows)` fails. It returns the "
        "ensemble itself, as in scikit-learn.",
        severity="minor",
    ),
    Misconception(
        "returns the meta-model from fit",
        task="stacking_ensemble",
        old="        return self\n",
        new="        return self.meta_model\n",
        hint="`fit` gives back the meta-model, which knows nothing of the base models. Return the ensemble itself.",
        severity="minor",
    ),
    Misconception(
        "always stacks with five folds",
        task="stacking_ensemble",
        old="(self.fit_functions, X, y, self.num_folds, self.rng)",
        new="(self.fit_functions, X, y, rng=self.rng)",
        hint="There are five folds, whatever `num_folds` says. Hand it on.",
        severity="minor",
    ),
    Misconception(
        "does not hand on the generator",
        task="stacking_ensemble",
        old="(self.fit_functions, X, y, self.num_folds, self.rng)",
        new="(self.fit_functions, X, y, self.num_folds)",
        hint="You accept `rng` and do not use it, so nobody can repeat your folds. Hand it on.",
        severity="minor",
    ),
    Misconception(
        "seeds the folds itself",
        task="stacking_ensemble",
        old="features = out_of_fold_predictions(",
        new="np.random.seed(0)\n        features = out_of_fold_predictions(",
        hint="`fit` seeds numpy's global generator, so whoever draws afterwards draws the same numbers each time. "
        "Seeds are the caller's business.",
        severity="minor",
    ),
    Misconception(
        "centers the caller's rows",
        task="stacking_ensemble",
        old="self.base_models = [fit(X, y) for fit in self.fit_functions]",
        new="""self.base_models = [fit(X, y) for fit in self.fit_functions]
        X -= X.mean(axis=0)""",
        hint="After `fit` the caller's X holds other numbers. Operators such as -= change the array itself: make a new "
        "one.",
        severity="minor",
    ),
]
