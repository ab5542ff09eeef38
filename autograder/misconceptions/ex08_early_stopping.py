"""What students get wrong in ex08, each as one edit of the reference, with the hint that names it."""

from autograder.course.model import Misconception

IMPROVEMENT = "early_stopping_improvement"
PATIENCE = "early_stopping_patience"
MODES = "early_stopping_modes"
RESTORE = "early_stopping_restore"
LOOP = "train_with_early_stopping"

MISCONCEPTIONS = [
    # Improvement
    Misconception(
        "takes exactly min_delta for better",
        task=IMPROVEMENT,
        old="if gain > self.min_delta:",
        new="if gain >= self.min_delta:",
        hint="A score that is better by exactly min_delta counts as better in your class. The text says *more than*: "
        "with min_delta=0, an equal score would count as progress for ever.",
        severity="minor",
    ),
    Misconception(
        "ignores min_delta",
        task=IMPROVEMENT,
        old="if gain > self.min_delta:",
        new="if gain > 0:",
        hint="Every gain counts in your class, however small. Where does min_delta enter the comparison?",
        severity="substantial",
    ),
    Misconception(
        "lets the margin work in the wrong direction",
        task=IMPROVEMENT,
        old="if gain > self.min_delta:",
        new="if gain > -self.min_delta:",
        hint="Your class calls a score better that is a little worse than the best. The margin makes it harder to be "
        "better, not easier: check the sign of min_delta.",
        severity="substantial",
    ),
    Misconception(
        "compares with the last score",
        task=IMPROVEMENT,
        old='gain = self.best_score - score if self.mode == "min" else score - self.best_score',
        new='last, self._last = getattr(self, "_last", self.best_score), score\n'
        '        gain = last - score if self.mode == "min" else score - last',
        hint="You compare each score with the one before it. After a bad epoch, a less bad one then counts as "
        "progress. Compare with the best so far.",
        severity="fundamental",
    ),
    Misconception(
        "lets the best score follow every small step",
        task=IMPROVEMENT,
        old="        else:\n            self.counter += 1",
        new="        else:\n            self.counter += 1\n"
        "            self.best_score = score if gain > 0 else self.best_score",
        hint="Your best_score moves with every lower score, also with one that is not better by more than min_delta. "
        "Then small steps never add up. Only a call that counts as better replaces the best score.",
        severity="substantial",
    ),
    Misconception(
        "takes min_delta as a share of the best score",
        task=IMPROVEMENT,
        old="if gain > self.min_delta:",
        new="if gain > self.min_delta * (0 if self.best_epoch is None else abs(self.best_score)):",
        hint="Your margin grows with the score: you multiply min_delta by the best score. That is torch's "
        "`ReduceLROnPlateau`; here min_delta is a difference. The table of conventions has both.",
        severity="substantial",
    ),
    Misconception(
        "takes NaN for better",
        task=IMPROVEMENT,
        old="if gain > self.min_delta:",
        new="if not gain <= self.min_delta:",
        hint="A NaN becomes your best score, and afterwards everything is better. Every comparison with NaN is "
        "False, so whatever is in your `else` happens. Ask whether the score *is* better, not whether it is "
        "not.",
        severity="minor",
    ),
    Misconception(
        "takes a first NaN for the best score",
        task=IMPROVEMENT,
        old="if gain > self.min_delta:",
        new="if self.best_epoch is None or gain > self.min_delta:",
        hint="Your first score is the best without a look at it. When it is NaN, nothing can ever be better than it, "
        "and the training stops with its worst model.",
        severity="minor",
    ),
    Misconception(
        "skips calls with NaN altogether",
        task=IMPROVEMENT,
        old="score = float(val_score)",
        new="score = float(val_score)\n        if math.isnan(score):\n            return self.early_stop",
        hint="A call with NaN leaves no trace in your class: neither the counter nor the number of the epoch goes "
        "on. It is an epoch like any other, only a bad one; a model that has diverged would train until "
        "max_epochs.",
        severity="minor",
    ),
    Misconception(
        "does not count NaN as a bad call",
        task=IMPROVEMENT,
        old="self._epoch += 1",
        new="self._epoch += 1\n        if math.isnan(score):\n            return self.early_stop",
        hint="Your counter does not move on NaN. A model that has diverged gives NaN for ever, and that should use "
        "up the patience.",
        severity="minor",
    ),
    Misconception(
        "stops at once on NaN",
        task=IMPROVEMENT,
        old="        else:\n            self.counter += 1",
        new="        else:\n            self.counter += 1\n"
        "            self.early_stop = self.early_stop or math.isnan(score)",
        hint="A single NaN ends the training in your class. Some libraries do that; here it counts as one bad call, "
        "and the next score may be fine.",
        severity="minor",
    ),
    Misconception(
        "turns NaN into zero",
        task=IMPROVEMENT,
        old="score = float(val_score)",
        new="score = 0.0 if math.isnan(val_score) else float(val_score)",
        hint="You replace NaN by 0, and for a loss nothing is better than 0. A score that does not exist has no "
        "number that could stand for it.",
        severity="substantial",
    ),
    Misconception(
        "counts epochs from one",
        task=IMPROVEMENT,
        old="self._epoch = -1",
        new="self._epoch = 0",
        hint="Your best_epoch is too large by one: the first call is epoch 0. When do you add 1, before or after you "
        "use the number?",
        severity="minor",
    ),
    Misconception(
        "counts improvements instead of calls",
        task=IMPROVEMENT,
        old="""        self._epoch += 1
        gain = self.best_score - score if self.mode == "min" else score - self.best_score
        if gain > self.min_delta:  # infinite for the first score, and False for NaN
""",
        new="""        gain = self.best_score - score if self.mode == "min" else score - self.best_score
        if gain > self.min_delta:  # infinite for the first score, and False for NaN
            self._epoch += 1
""",
        hint="Your best_epoch counts only the calls that were better. Every call is an epoch, the bad ones too.",
        severity="substantial",
    ),
    Misconception(
        "keeps the tensor instead of its number",
        task=IMPROVEMENT,
        old="score = float(val_score)",
        new="score = val_score",
        hint="Your best_score is the tensor that you were given, and when its owner writes the next loss into it, "
        "your best score changes with it. Keep a number.",
        severity="minor",
    ),
    Misconception(
        "counts only scores that are worse",
        task=IMPROVEMENT,
        old="        else:\n            self.counter += 1",
        new="        elif not gain >= 0:\n            self.counter += 1",
        hint="A score that is equal to the best, or better by too little, leaves your counter where it is. There is "
        "no third case: what is not better by more than min_delta uses up patience.",
        severity="minor",
    ),
    Misconception(
        "has no margin unless one is given",
        task=IMPROVEMENT,
        old="min_delta: float = 0.001",
        new="min_delta: float = 0.0",
        hint="Without a min_delta your class accepts every gain. Look at the default in the signature.",
        severity="minor",
    ),
    Misconception(
        "takes a tensor for no score",
        task=IMPROVEMENT,
        old="score = float(val_score)",
        new="score = val_score if isinstance(val_score, float) else math.nan",
        hint="A score that is a tensor without dimensions never becomes the best one. `float()` makes a number of it.",
        severity="minor",
    ),
    Misconception(
        "takes a best score of zero for none",
        task=IMPROVEMENT,
        old="if gain > self.min_delta:",
        new="if not self.best_score or gain > self.min_delta:",
        hint="After a best score of 0 every score becomes the best: `if not best` mistakes zero for nothing.",
        severity="minor",
    ),
    # Patience
    Misconception(
        "stops one call too late",
        task=PATIENCE,
        old="if self.counter >= self.patience:",
        new="if self.counter > self.patience:",
        hint="Your stop comes one call too late: early_stop becomes True when the counter *reaches* patience. "
        "(torch's `ReduceLROnPlateau` waits for one more; the table of conventions says so.)",
        severity="substantial",
    ),
    Misconception(
        "stops one call too early",
        task=PATIENCE,
        old="if self.counter >= self.patience:",
        new="if self.counter >= self.patience - 1:",
        hint="Your stop comes one call too early. Does the best call itself count among the calls without improvement?",
        severity="substantial",
    ),
    Misconception(
        "never sets the counter back",
        task=PATIENCE,
        old="self.best_score, self.best_epoch, self.counter = score, self._epoch, 0",
        new="self.best_score, self.best_epoch = score, self._epoch",
        hint="Your counter adds up all bad calls of the training. It counts the calls since the best one, so what "
        "happens to it when a new best comes?",
        severity="fundamental",
    ),
    Misconception(
        "takes one bad call back for each better one",
        task=PATIENCE,
        old="self.best_score, self.best_epoch, self.counter = score, self._epoch, 0",
        new="self.best_score, self.best_epoch, self.counter = score, self._epoch, max(0, self.counter - 1)",
        hint="A better score lowers your counter by one. It is the number of calls since the best one, and right "
        "after the best one there are none.",
        severity="substantial",
    ),
    Misconception(
        "takes the stop back when a better score comes",
        task=PATIENCE,
        old="        if self.counter >= self.patience:\n            self.early_stop = True",
        new="        self.early_stop = self.counter >= self.patience",
        hint="Your early_stop becomes False again after a better score. Once True it stays True: whoever asks later "
        "should get the same answer.",
        severity="minor",
    ),
    Misconception(
        "returns whether the score was better",
        task=PATIENCE,
        old="return self.early_stop",
        new="return gain > self.min_delta",
        hint="Your call returns whether this score was better. It should say whether to stop.",
        severity="substantial",
    ),
    Misconception(
        "returns nothing",
        task=PATIENCE,
        old="return self.early_stop",
        new="return None",
        hint="Your call sets early_stop and returns None, so a loop that asks `if stopper(score)` never ends.",
        severity="substantial",
    ),
    Misconception(
        "returns whether to go on",
        task=PATIENCE,
        old="return self.early_stop",
        new="return not self.early_stop",
        hint="Your call returns True as long as training should go on. It should return early_stop, which is the "
        "opposite.",
        severity="substantial",
    ),
    Misconception(
        "has less patience unless told",
        task=PATIENCE,
        old="patience: int = 10",
        new="patience: int = 7",
        hint="Without a patience your class stops after 7 bad calls. Look at the default in the signature.",
        severity="minor",
    ),
    Misconception(
        "sets the counter back when it stops",
        task=PATIENCE,
        old="            self.early_stop = True",
        new="            self.early_stop = True\n            self.counter = 0",
        hint="Your counter is 0 after the stop. It is the number of calls since the best one, also then: who reads "
        "it wants to know how long ago that was.",
        severity="minor",
    ),
    # Modes and bad input
    Misconception(
        "ignores the mode",
        task=MODES,
        old='self.mode = mode\n        self.best_score = math.inf if mode == "min" else -math.inf',
        new='self.mode = "min"\n        self.best_score = math.inf',
        hint="Your class looks for the lowest score in max mode too. An accuracy should rise: where does your code "
        "ask for the mode?",
        severity="fundamental",
    ),
    Misconception(
        "starts from plus infinity in both modes",
        task=MODES,
        old='self.best_score = math.inf if mode == "min" else -math.inf',
        new="self.best_score = math.inf",
        hint="In max mode nothing is ever better than your first best_score, which is plus infinity. What is the "
        "worst score that there can be, in each mode?",
        severity="fundamental",
    ),
    Misconception(
        "starts from zero in max mode",
        task=MODES,
        old='self.best_score = math.inf if mode == "min" else -math.inf',
        new='self.best_score = math.inf if mode == "min" else 0.0',
        hint="In max mode a negative first score is not the best in your class, because it starts from 0. A "
        "log-likelihood is negative from beginning to end.",
        severity="substantial",
    ),
    Misconception(
        "puts the margin below the best score in max mode",
        task=MODES,
        old="else score - self.best_score",
        new="else score - self.best_score + 2 * self.min_delta",
        hint="In max mode your margin lies on the wrong side: a score slightly below the best one counts as better. "
        "Turning the comparison round turns the sign of min_delta too.",
        severity="substantial",
    ),
    Misconception(
        "has no margin in max mode",
        task=MODES,
        old="else score - self.best_score",
        new="else score - self.best_score + self.min_delta",
        hint="In max mode every gain counts in your class, however small. min_delta holds for both modes.",
        severity="minor",
    ),
    Misconception(
        "takes exactly min_delta for better in max mode",
        task=MODES,
        old="if gain > self.min_delta:",
        new='if gain > self.min_delta or (self.mode == "max" and gain == self.min_delta):',
        hint="In max mode, better by exactly min_delta counts in your class, and in min mode it does not. Both modes "
        "ask for *more than* min_delta.",
        severity="minor",
    ),
    Misconception(
        "takes NaN for better in max mode",
        task=MODES,
        old="if gain > self.min_delta:",
        new='if gain > self.min_delta or (self.mode == "max" and math.isnan(score)):',
        hint="In max mode a NaN becomes your best score. Every comparison with NaN is False: do both of your "
        "branches ask whether the score *is* better?",
        severity="minor",
    ),
    Misconception(
        "saves the state of the lowest score in max mode too",
        task=MODES,
        old="""            self._best_state = None if model is None else copy.deepcopy(model.state_dict())
        else:
            self.counter += 1""",
        new="""        else:
            self.counter += 1
        if score < getattr(self, "_lowest", math.inf):
            self._lowest = score
            self._best_state = None if model is None else copy.deepcopy(model.state_dict())""",
        hint="In max mode your best_score is right, and what you save is the state of the *lowest* score. There "
        "should be one decision what is better, and everything that follows from it in one place.",
        severity="substantial",
    ),
    Misconception(
        "takes any other mode for max",
        task=MODES,
        old='if mode not in ("min", "max"):',
        new="if not isinstance(mode, str):",
        hint='Your class accepts any word as a mode. Somebody who writes "minimize" gets a stopper that maximizes, '
        "without a word: refuse what you do not know.",
        severity="minor",
    ),
    Misconception(
        "asserts that patience is positive",
        task=MODES,
        old='if patience < 1:\n            raise ValueError(f"patience should be at least 1, got {patience}")',
        new='assert patience >= 1, f"patience should be at least 1, got {patience}"',
        hint="A bad patience raises AssertionError in your class. Assertions are for your own mistakes, and vanish "
        "under `python -O`; what a caller got wrong is a ValueError.",
        severity="minor",
    ),
    Misconception(
        "accepts a patience of zero",
        task=MODES,
        old="if patience < 1:",
        new="if patience < 0:",
        hint="Your class accepts patience=0, with which it says stop in the very first call. At least 1 is asked for.",
        severity="minor",
    ),
    Misconception(
        "accepts any patience",
        task=MODES,
        old="if patience < 1:",
        new="if patience is None:",
        hint="Your class accepts a patience of 0 and below, and says stop in the very first call. Check it before "
        "you keep it.",
        severity="minor",
    ),
    Misconception(
        "refuses a patience of one",
        task=MODES,
        old="if patience < 1:",
        new="if patience <= 1:",
        hint="Your class refuses patience=1, which is impatient but makes sense: stop at the first bad call.",
        severity="minor",
    ),
    Misconception(
        "accepts a negative min_delta",
        task=MODES,
        old="if min_delta < 0:",
        new="if min_delta is None:",
        hint="Your class accepts a negative min_delta, with which a worse score counts as better. Refuse it.",
        severity="minor",
    ),
    Misconception(
        "refuses a min_delta of zero",
        task=MODES,
        old="if min_delta < 0:",
        new="if min_delta <= 0:",
        hint="Your class refuses min_delta=0, which makes sense: then every gain counts.",
        severity="minor",
    ),
    Misconception(
        "does not say which patience it got",
        task=MODES,
        old='raise ValueError(f"patience should be at least 1, got {patience}")',
        new='raise ValueError("patience should be at least 1")',
        hint="Your message about a bad patience does not say which value came in. Who reads it wants to see what "
        "went wrong without a debugger.",
        severity="minor",
    ),
    Misconception(
        "raises without a message",
        task=MODES,
        old="raise ValueError(f\"mode should be 'min' or 'max', got {mode!r}\")",
        new="raise ValueError",
        hint="Your ValueError about a bad mode is empty. Name the argument and the value that it got.",
        severity="minor",
    ),
    # Restoring
    Misconception(
        "keeps a reference to the state",
        task=RESTORE,
        old="copy.deepcopy(model.state_dict())",
        new="dict(model.state_dict())",
        hint="What you keep are the model's own tensors, and the optimizer goes on writing into them: what you "
        "restore is the last state, always. A `state_dict()`, and also a copy of that dict, holds references; "
        "copy the tensors.",
        severity="fundamental",
    ),
    Misconception(
        "restores the parameters only",
        task=RESTORE,
        old="model.load_state_dict(self._best_state)",
        new="parameters = {name: self._best_state[name] for name, _ in model.named_parameters()}\n"
        "        model.load_state_dict(parameters, strict=False)",
        hint="Your weights are those of the best epoch, your buffers those of the last one. The running statistics "
        "of batch normalization belong to the state; think of a method that lists both.",
        severity="substantial",
    ),
    Misconception(
        "leaves out buffers that are integers",
        task=RESTORE,
        old="model.load_state_dict(self._best_state)",
        new="floats = {name: tensor for name, tensor in self._best_state.items() if tensor.is_floating_point()}\n"
        "        model.load_state_dict(floats, strict=False)",
        hint="Everything comes back but the buffers that hold integers, such as the number of batches that batch "
        "normalization has seen. Every buffer belongs to the state.",
        severity="minor",
    ),
    Misconception(
        "saves the first state only",
        task=RESTORE,
        old="self._best_state = None if model is None else copy.deepcopy(model.state_dict())",
        new="self._best_state = self._best_state or (None if model is None else copy.deepcopy(model.state_dict()))",
        hint="You restore the state of the first call, whichever was the best. A better state should take the place "
        "of the one that you have.",
        severity="fundamental",
    ),
    Misconception(
        "saves the state at every call",
        task=RESTORE,
        old="""            self._best_state = None if model is None else copy.deepcopy(model.state_dict())
        else:
            self.counter += 1""",
        new="""        else:
            self.counter += 1
        self._best_state = None if model is None else copy.deepcopy(model.state_dict())""",
        hint="You save a state in every call, so you restore that of the last one. Only the best is worth keeping.",
        severity="fundamental",
    ),
    Misconception(
        "saves the state when the score is not better",
        task=RESTORE,
        old="""            self._best_state = None if model is None else copy.deepcopy(model.state_dict())
        else:
            self.counter += 1""",
        new="""        else:
            self.counter += 1
            self._best_state = None if model is None else copy.deepcopy(model.state_dict())""",
        hint="You save the state when the score is *not* better. In which of the two branches is the model worth "
        "keeping?",
        severity="fundamental",
    ),
    Misconception(
        "gives the model new parameters",
        task=RESTORE,
        old="model.load_state_dict(self._best_state)",
        new="model.load_state_dict(copy.deepcopy(self._best_state), assign=True)",
        hint="The values are right, but your model has new parameter objects. Its optimizer still holds the old ones "
        "and trains those from now on, without any effect. Write into the parameters that are there.",
        severity="substantial",
    ),
    Misconception(
        "hands the saved tensors over to the model",
        task=RESTORE,
        old="model.load_state_dict(self._best_state)",
        new="for name, tensor in model.state_dict(keep_vars=True).items():\n"
        "            tensor.data = self._best_state[name]",
        hint="The first restoring is right, a second one after more training is not: the model now trains on the "
        "very tensors that you saved. Copy values into the model's own tensors.",
        severity="substantial",
    ),
    Misconception(
        "restores into a copy of the model",
        task=RESTORE,
        old="model.load_state_dict(self._best_state)",
        new="model = copy.deepcopy(model)\n        model.load_state_dict(self._best_state)\n        return model",
        hint="The model that was given stays as it is: you restore another object. Giving a new value to the name "
        "`model` inside the function changes nothing for the caller.",
        severity="fundamental",
    ),
    Misconception(
        "does nothing when nothing was saved",
        task=RESTORE,
        old='raise RuntimeError("no state was saved: pass the model along with its scores")',
        new="return",
        hint="With nothing saved your restore_best returns silently, and the caller takes the last model for the "
        "best. That should be a RuntimeError.",
        severity="minor",
    ),
    Misconception(
        "raises ValueError when nothing was saved",
        task=RESTORE,
        old="raise RuntimeError(",
        new="raise ValueError(",
        hint="With nothing saved you raise ValueError. The argument is fine, it is the order of calls that is wrong: "
        "a RuntimeError.",
        severity="minor",
    ),
    Misconception(
        "does not check whether something was saved",
        task=RESTORE,
        old="if self._best_state is None:",
        new='if self._best_state == "nothing":',
        hint="With nothing saved your code stumbles over None somewhere later. Check it first and raise a "
        "RuntimeError that says what was forgotten.",
        severity="minor",
    ),
    Misconception(
        "needs a model in every call",
        task=RESTORE,
        old="None if model is None else copy.deepcopy(model.state_dict())",
        new="copy.deepcopy(model.state_dict())",
        hint="Your call breaks when no model is given. The model may be left out; then there is nothing to save.",
        severity="minor",
    ),
    Misconception(
        "leaves the watched model in eval mode",
        task=RESTORE,
        old="copy.deepcopy(model.state_dict())",
        new="copy.deepcopy(model.eval().state_dict())",
        hint="After your call the model is in eval mode, and would train on without dropout. Watching changes "
        "nothing about the model.",
        severity="minor",
    ),
    Misconception(
        "leaves the restored model in eval mode",
        task=RESTORE,
        old="model.load_state_dict(self._best_state)",
        new="model.load_state_dict(self._best_state)\n        model.eval()",
        hint="Your restore_best also switches the model to eval mode. Values come back and nothing else: who calls "
        "you decides about the mode.",
        severity="minor",
    ),
    Misconception(
        "freezes the restored model",
        task=RESTORE,
        old="model.load_state_dict(self._best_state)",
        new="model.load_state_dict(self._best_state)\n        model.requires_grad_(False)",
        hint="After your restore_best no parameter requires a gradient any more, so training cannot go on. Only "
        "values come back.",
        severity="substantial",
    ),
    Misconception(
        "saves in single precision",
        task=RESTORE,
        old="copy.deepcopy(model.state_dict())",
        new="{name: tensor.float().clone() for name, tensor in model.state_dict().items()}",
        hint="A model in float64 comes back rounded: you save its state in float32. Copies keep the dtype of what "
        "they are copies of.",
        severity="minor",
    ),
    # The training loop
    Misconception(
        "never switches to training mode",
        task=LOOP,
        old="        model.train()\n",
        new="",
        hint="The model trains in whatever mode it is in, which after the first validation is eval mode: no dropout, "
        "and frozen batch statistics. Who sets it to training mode?",
        severity="substantial",
    ),
    Misconception(
        "switches to training mode once before the loop",
        task=LOOP,
        old="    for epoch in range(max_epochs):\n        model.train()",
        new="    model.train()\n    for epoch in range(max_epochs):",
        hint="Only your first epoch trains in training mode: each validation switches to eval mode, and nothing "
        "switches back.",
        severity="substantial",
    ),
    Misconception(
        "never switches to eval mode",
        task=LOOP,
        old="        model.eval()\n",
        new="",
        hint="Your validation runs in training mode: dropout makes the score noisy, and batch normalization learns "
        "from validation data.",
        severity="substantial",
    ),
    Misconception(
        "records gradients while validating",
        task=LOOP,
        old="with torch.no_grad():",
        new="if True:",
        hint="Your validation records a graph for a gradient that nobody takes. eval() does not switch that off: "
        "mode and gradient are two things.",
        severity="minor",
    ),
    Misconception(
        "switches gradients off while training",
        task=LOOP,
        old="train_loss.append(train_epoch(model, optimizer))",
        new="with torch.no_grad():\n            train_loss.append(train_epoch(model, optimizer))",
        hint="train_epoch runs without gradients in your loop, so a real one could not train. Only validation does "
        "without.",
        severity="fundamental",
    ),
    Misconception(
        "switches gradients off for good",
        task=LOOP,
        old="with torch.no_grad():",
        new="torch.set_grad_enabled(False)\n        if True:",
        hint="After your first validation gradients are off everywhere, in the next epoch's training too, and for "
        "whoever called you. Use a form that switches back by itself.",
        severity="fundamental",
    ),
    Misconception(
        "validates before it trains",
        task=LOOP,
        old="""        model.train()
        train_loss.append(train_epoch(model, optimizer))
        model.eval()
        with torch.no_grad():
            val_score.append(validate(model))
""",
        new="""        model.eval()
        with torch.no_grad():
            val_score.append(validate(model))
        model.train()
        train_loss.append(train_epoch(model, optimizer))
""",
        hint="Your loop validates first and trains then, so each score belongs to the model of the epoch before, and "
        "the stopper saves a model that it has no score for.",
        severity="substantial",
    ),
    Misconception(
        "validates twice an epoch",
        task=LOOP,
        old="if stopper(val_score[-1], model):",
        new="if stopper(validate(model), model):",
        hint="You validate once for the record and once more for the stopper. That costs time, and where validation "
        "is random, the two numbers differ. Validate once and use the number twice.",
        severity="substantial",
    ),
    Misconception(
        "trains without the optimizer",
        task=LOOP,
        old="train_epoch(model, optimizer)",
        new="train_epoch(model)",
        hint="Your train_epoch gets the model only. It is called with the model and the optimizer.",
        severity="fundamental",
    ),
    Misconception(
        "does not show the model to the stopper",
        task=LOOP,
        old="if stopper(val_score[-1], model):",
        new="if stopper(val_score[-1]):",
        hint="The stopper gets the score but not the model. It can only bring back what it was shown.",
        severity="fundamental",
    ),
    Misconception(
        "watches the training loss",
        task=LOOP,
        old="if stopper(val_score[-1], model):",
        new="if stopper(train_loss[-1], model):",
        hint="Your stopper watches the training loss, which falls as long as there is something to learn by heart. "
        "Look at the first picture: which curve turns?",
        severity="fundamental",
    ),
    Misconception(
        "does not stop",
        task=LOOP,
        old="            stopped_epoch = epoch\n            break",
        new="            stopped_epoch = epoch",
        hint="Your loop notes the stop and trains on. What ends a `for` loop?",
        severity="fundamental",
    ),
    Misconception(
        "trains one epoch more than max_epochs",
        task=LOOP,
        old="range(max_epochs)",
        new="range(max_epochs + 1)",
        hint="Your loop runs max_epochs + 1 epochs when nobody stops it. How many numbers does `range(n)` give?",
        severity="minor",
    ),
    Misconception(
        "trains one epoch less than max_epochs",
        task=LOOP,
        old="range(max_epochs)",
        new="range(1, max_epochs)",
        hint="Your loop runs one epoch less than max_epochs, and its epochs count from 1. Where does `range` begin "
        "when it is not told?",
        severity="minor",
    ),
    Misconception(
        "leaves the scores of the last epoch out",
        task=LOOP,
        old="""            val_score.append(validate(model))
        if stopper(val_score[-1], model):
            stopped_epoch = epoch
            break""",
        new="""            score = validate(model)
        if stopper(score, model):
            stopped_epoch = epoch
            break
        val_score.append(score)""",
        hint="The score of the epoch in which training stops is missing from your val_score: the loop ends before it "
        "is kept. Every epoch that was run has its numbers.",
        severity="minor",
    ),
    Misconception(
        "counts the stopped epoch from one",
        task=LOOP,
        old="stopped_epoch = epoch\n",
        new="stopped_epoch = epoch + 1\n",
        hint="Your stopped_epoch is too large by one: epochs count from 0, as best_epoch does.",
        severity="minor",
    ),
    Misconception(
        "calls the last epoch stopped when nobody stopped",
        task=LOOP,
        old="train_loss, val_score, stopped_epoch = [], [], None",
        new="train_loss, val_score, stopped_epoch = [], [], max_epochs - 1",
        hint="When max_epochs ends your training, stopped_epoch should be None, not the last epoch: whoever reads it "
        "wants to know whether patience was used up.",
        severity="minor",
    ),
    Misconception(
        "overlooks a stop in the last epoch",
        task=LOOP,
        old="stopped_epoch = epoch\n",
        new="stopped_epoch = epoch if epoch < max_epochs - 1 else None\n",
        hint="A stop in the very last epoch is a stop too. Ask the stopper, not the number of epochs.",
        severity="minor",
    ),
    Misconception(
        "takes the lowest score for the best epoch",
        task=LOOP,
        old='"best_epoch": stopper.best_epoch',
        new='"best_epoch": val_score.index(min(val_score))',
        hint="Your best_epoch is that of the lowest score. It need not be the one that was restored: the stopper has "
        "a mode and a min_delta. Ask it.",
        severity="minor",
    ),
    Misconception(
        "does not restore the best model",
        task=LOOP,
        old="    stopper.restore_best(model)\n    return",
        new="    return",
        hint="Your model ends as the last epoch left it. The epochs of patience were spent to make sure, not to be "
        "kept.",
        severity="substantial",
    ),
    Misconception(
        "restores only after a stop",
        task=LOOP,
        old="            break\n    stopper.restore_best(model)",
        new="            stopper.restore_best(model)\n            break",
        hint="When max_epochs ends the training, your model stays in its last state. Restoring belongs at the end, "
        "however the end came (older Keras had just this trap).",
        severity="substantial",
    ),
    Misconception(
        "restores only when nobody stopped",
        task=LOOP,
        old="            break\n    stopper.restore_best(model)",
        new="            break\n    if stopped_epoch is None:\n        stopper.restore_best(model)",
        hint="After an early stop your model stays in its last state, and that is when restoring matters most. It "
        "belongs at the end, however the end came.",
        severity="substantial",
    ),
    Misconception(
        "goes back to the best state after every bad epoch",
        task=LOOP,
        old="            stopped_epoch = epoch\n            break",
        new="            stopped_epoch = epoch\n            break\n        if stopper.counter:\n"
        "            stopper.restore_best(model)",
        hint="After each bad epoch you restore the best state and train on from there. Then no bump is ever passed: "
        "train on from the current state, and restore once, at the end.",
        severity="substantial",
    ),
]
