"""Says where the source tree breaks its own rules: python3 layout.py ROOT

- Each folder includes only from itself and from the folders before it in ORDER.
- The public headers include nothing but the standard library and each other.
- Bindings and examples know the library by <keratin/...> alone.
- The top of the repository holds what TOP names and dot files, nothing else.
"""

import pathlib
import re
import sys

ORDER = ["core", "kernels", "graph", "ops", "nn", "model", "training", "io", "capi"]
TOP = {"CMakeLists.txt", "LICENSE", "README.md", "bindings", "capi", "cmake", "include", "src", "tests"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)
SOURCES = {".c", ".cc", ".cpp", ".h", ".hpp", ".inc"}


def includes(path):
    """Yields (line, is_quoted, name) for each #include of the file."""
    text = path.read_text(encoding="utf-8")
    for match in INCLUDE.finditer(text):
        yield text.count("\n", 0, match.start(2)) + 1, match[1] == '"', match[2]


def sources(folder):
    return sorted(p for p in folder.rglob("*") if p.suffix in SOURCES and p.is_file())


def check_order(root):
    for folder in ORDER:
        base = root / folder if folder == "capi" else root / "src" / folder
        for path in sources(base):
            for line, quoted, name in includes(path):
                place = f"{path.relative_to(root)}:{line}"
                first = name.split("/")[0]
                if ".." in name.split("/"):
                    yield f"{place}: <{name}>: includes start at src"
                elif first == "bindings" or first == "tests":
                    yield f"{place}: the library includes {name}"
                elif quoted and "/" not in name:
                    yield f"{place}: \"{name}\" does not name its folder"
                elif quoted and first in ORDER and ORDER.index(first) > ORDER.index(folder):
                    yield f"{place}: {folder} may not include {name}: {first} comes after it"
                elif first == "keratin" and folder != "capi":
                    yield f"{place}: only capi knows the public header"
    for path in sources(root / "src"):
        if path.relative_to(root / "src").parts[0] not in ORDER:
            yield f"{path.relative_to(root)}: this folder is not in the order {ORDER}"


def check_public(root):
    for path in sources(root / "include"):
        for line, quoted, name in includes(path):
            if quoted or ("/" in name and not name.startswith("keratin/")):
                yield f"{path.relative_to(root)}:{line}: a public header includes {name}"


def check_bindings(root):
    for path in sources(root / "bindings"):
        for line, quoted, name in includes(path):
            first = name.split("/")[0]
            here = (path.parent / name).resolve()
            inside = quoted and here.is_file() and (root / "bindings").resolve() in here.parents
            if not inside and (first in ORDER or first == "src" or ".." in name.split("/")):
                yield f"{path.relative_to(root)}:{line}: a binding includes {name}"


def check_top(root):
    for path in sorted(root.iterdir()):
        if path.name not in TOP and path.name[0] != "." and not path.name.startswith("build"):
            yield f"{path.name}: not one of the repository's top entries"


def problems(root):
    root = pathlib.Path(root)
    for check in (check_order, check_public, check_bindings, check_top):
        yield from check(root)


if __name__ == "__main__":
    found = list(problems(sys.argv[1]))
    print("\n".join(found))
    sys.exit(1 if found else 0)
