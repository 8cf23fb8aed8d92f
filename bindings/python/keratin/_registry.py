"""Classes made from the library's registry: signature, defaults and text are its attributes'.

A module of the package says export("losses", globals()) and has a class for each that there is.
"""

import functools
import inspect
import json

from ._library import encoded, lib, parsed
from ._values import to_json

# What every layer has stands behind what is its own, by keyword only, as in Keras.
KEYWORD_ONLY = {"layers": ("activity_regularizer", "trainable", "dtype", "name")}


class RegistryObject:
    """Anything made by name and configuration. `_kind`, `_info`: its place in the registry."""

    _kind = None
    _info = None

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls._info is not None and "_info" not in cls.__dict__:
            raise TypeError(f"{cls.__name__}: {cls._info['name']} is a class of the library and has "
                            "no subclasses; start from its base class")

    def __init__(self, *args, **kwargs):
        # Checked now, so that an error shows where it was made.
        serialized = parsed(lib.kt_registry_serialize, encoded(self._kind),
                            encoded(self._info["name"]), self._arguments(args, kwargs))
        self._serialized = serialized

    def _arguments(self, args, kwargs):
        """The configuration, as bytes of JSON, of what was given."""
        bound = bind(type(self), args, kwargs)
        return json.dumps(to_json(bound)).encode()

    def get_config(self):
        return self._serialized["config"]

    @classmethod
    def from_config(cls, config):
        return cls(**config)

    def _to_json(self):
        return self._serialized

    def __getattr__(self, name):
        if not name.startswith("_") and self._info is not None:
            config = self.get_config()
            if name in config:
                return config[name]
        raise AttributeError(f"'{type(self).__name__}' has no attribute '{name}'")

    def __repr__(self):
        given = ", ".join(f"{key}={value!r}" for key, value in self.get_config().items())
        return f"<{type(self).__name__}({given})>"


def bind(cls, args, kwargs):
    """What was given, by name. TypeError names the class, as Python does for functions."""
    try:
        return cls.__signature__.bind(*args, **kwargs).arguments
    except TypeError as error:
        raise TypeError(f"{cls.__name__}: {error}") from None


def readable(default):
    """A default as one would write it: "glorot_uniform" for the object of its defaults."""
    if isinstance(default, dict) and "class_name" in default:
        return default["class_name"]
    return default


def parameters_of(info):
    apart = KEYWORD_ONLY.get(info["kind"], ())
    ordered = [a for a in info["attributes"] if a["name"] not in apart]
    ordered.sort(key=lambda a: not a["required"])
    behind = [a for a in info["attributes"] if a["name"] in apart]
    for attribute in ordered + behind:
        kind = inspect.Parameter.KEYWORD_ONLY if attribute in behind \
            else inspect.Parameter.POSITIONAL_OR_KEYWORD
        default = inspect.Parameter.empty if attribute["required"] else readable(attribute["default"])
        yield inspect.Parameter(attribute["name"], kind, default=default)


def document(info):
    lines = [info["doc"], "", "Args:"]
    for a in info["attributes"]:
        notes = [a["type"]]
        if "choices" in a:
            notes.append("one of " + ", ".join(a["choices"]))
        if "minimum" in a:
            notes.append(f"{'above' if a['exclusive_minimum'] else 'at least'} {a['minimum']:g}")
        if "maximum" in a:
            notes.append(f"at most {a['maximum']:g}")
        notes.append("required" if a["required"] else f"default {readable(a['default'])!r}")
        lines.append(f"    {a['name']}: {a['doc']} ({'; '.join(notes)})")
    return "\n".join(lines if info["attributes"] else lines[:1])


def make_class(base, info, module):
    return type(info["name"], (base,), {
        "__doc__": document(info), "__module__": module, "_kind": info["kind"], "_info": info,
        "__signature__": inspect.Signature(list(parameters_of(info)))})


@functools.lru_cache(maxsize=None)
def classes(kind):
    """What the registry has now, by name and alias."""
    return {info["name"]: info for info in parsed(lib.kt_registry_classes, encoded(kind))}


def getter(kind, names, base):
    def get(identifier):
        """The object for a name, a serialized object, or itself."""
        if identifier is None or isinstance(identifier, base):
            return identifier
        if isinstance(identifier, str):
            info = parsed(lib.kt_registry_class, encoded(kind), encoded(identifier))
            return names[info["name"]]()
        if isinstance(identifier, dict) and identifier.get("class_name") in names:
            return names[identifier["class_name"]](**identifier.get("config", {}))
        raise ValueError(f"{kind}: {identifier!r} is neither a name nor an object of this kind")
    return get


def export(kind, module, base):
    """Adds a class for each of the kind to a module's globals; what it has already stays."""
    names = {}
    for name, info in classes(kind).items():
        made = module.get(name) or make_class(base, info, module["__name__"])
        names[name] = made
        module.setdefault(name, made)
        for alias in info["aliases"]:
            module.setdefault(alias, made)
    module.setdefault("get", getter(kind, names, base))
    return names
