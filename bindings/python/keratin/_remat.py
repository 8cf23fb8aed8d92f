"""keras.RematScope: gradient checkpointing."""

import ctypes

from ._library import lib

_scopes = []


class RematScope:
    """Layers made inside compute again for the gradients what they would keep: "full", "activations",
    "larger_than", "list_of_layers" or None. Less memory, more time, the same results."""

    def __init__(self, mode="full", output_size_threshold=1024, layer_names=None):
        self.mode, self.output_size_threshold, self.layer_names = mode, output_size_threshold, layer_names or []

    def _set(self):
        names = [name.encode() for name in self.layer_names]
        lib.kt_set_remat((self.mode or "none").encode(), self.output_size_threshold,
                         (ctypes.c_char_p * len(names))(*names), len(names))

    def __enter__(self):
        self._set()
        _scopes.append(self)
        return self

    def __exit__(self, *error):
        _scopes.pop()
        (_scopes[-1] if _scopes else RematScope(None))._set()
