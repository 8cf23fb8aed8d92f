"""What fit() returns."""


class History:
    """`epoch`: the numbers of the epochs run; `history`: for each key, one value an epoch."""

    def __init__(self, model, epoch, history):
        self.model = model
        self.epoch = epoch
        self.history = history
        self.params = {}
