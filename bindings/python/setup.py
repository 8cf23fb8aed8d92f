"""Puts the public header into the wheel, and the shared library where there is one to put.

KERATIN_LIBRARY names it. Without that, a libkeratin.so.0 that the system knows is left where it is
and used from there; and where there is none, it is built from the sources around this folder.
"""

import ctypes
import os
import pathlib
import shutil
import subprocess
import tempfile

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = pathlib.Path(__file__).resolve().parent
SONAME = "libkeratin.so.0"


def system_has_library():
    try:
        ctypes.CDLL(SONAME)
    except OSError:
        return False
    return True


def header():
    """Of the sources around this folder, or of an installed library."""
    folders = [HERE.parents[1] / "include", "/usr/local/include", "/usr/include"]
    if shutil.which("pkg-config"):
        asked = subprocess.run(["pkg-config", "--variable=includedir", "keratin"],
                               capture_output=True, text=True)
        if asked.stdout.strip():
            folders.insert(1, asked.stdout.strip())
    for folder in folders:
        path = pathlib.Path(folder, "keratin/keratin.h")
        if path.exists():
            return path
    raise SystemExit("keratin.h is neither in the sources nor installed.")


def build_library(folder):
    source = HERE.parents[1]
    if not (source / "include/keratin/keratin.h").exists() or not shutil.which("cmake"):
        raise SystemExit(f"No {SONAME} is installed and there are no sources or no CMake to build it: "
                         "name a built library in KERATIN_LIBRARY.")
    options = ["-DCMAKE_BUILD_TYPE=Release", "-DKERATIN_TESTS=OFF", "-DKERATIN_CLI=OFF"]
    subprocess.run(["cmake", "-S", source, "-B", folder, *options], check=True)
    subprocess.run(["cmake", "--build", folder, "--target", "keratin", "--parallel"], check=True)
    return pathlib.Path(folder, SONAME)


class BuildWithLibrary(build_py):
    def run(self):
        super().run()
        target = pathlib.Path(self.build_lib, "keratin", SONAME)
        target.unlink(missing_ok=True)  # of an earlier build
        shutil.copyfile(header(), target.parent / "keratin.h")
        given = os.environ.get("KERATIN_LIBRARY")
        if given:
            shutil.copyfile(given, target)
        elif not system_has_library():
            with tempfile.TemporaryDirectory() as folder:
                shutil.copyfile(build_library(folder), target)
        if target.exists() and shutil.which("strip"):
            subprocess.run(["strip", target], check=True)


class WithLibrary(Distribution):
    def has_ext_modules(self):
        return True


class PlatformWheel(bdist_wheel):
    """Bound to the platform, as the library is, but to no version of Python."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(distclass=WithLibrary, cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": PlatformWheel})
