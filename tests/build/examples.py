"""Compiles and runs the C example against an installed library, both ways a user would."""

import os
import pathlib
import subprocess
import tempfile

SOURCE = pathlib.Path(os.environ["KERATIN_SOURCE"])
BUILD = pathlib.Path(os.environ["KERATIN_BUILD"])
EXAMPLES = SOURCE / "bindings/c/examples"
DATA = SOURCE / "bindings/data/breast_cancer.csv"
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

PROJECT = """cmake_minimum_required(VERSION 3.16)
project(user LANGUAGES C)
find_package(Keratin 0.1 REQUIRED)
add_executable(example {source})
target_link_libraries(example PRIVATE Keratin::keratin)
"""


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise AssertionError(f"{command}:\n{done.stdout}{done.stderr}")
    return done.stdout


def multiarch(prefix):
    """The library folder of an installation, which may be lib/<machine>."""
    return next(pathlib.Path(prefix).glob("lib/**/libkeratin.so")).parent


def compile_with_pkg_config(source, program, libdir=None):
    env = dict(os.environ)
    if libdir:
        env["PKG_CONFIG_PATH"] = f"{libdir}/pkgconfig"
    flags = run("pkg-config", "--cflags", "--libs", "keratin", env=env).split()
    run("gcc", "-std=c99", *WARNINGS, source, "-o", program, *flags)


def compile_with_cmake(source, folder, prefix=None):
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(PROJECT.format(source=source))
    hint = [f"-DCMAKE_PREFIX_PATH={prefix}"] if prefix else []
    run("cmake", "-S", folder, "-B", folder / "build", *hint)
    run("cmake", "--build", folder / "build")
    return folder / "build/example"


def train(program, libdir=None):
    """What the example prints, run where it may write its files."""
    env = dict(os.environ)
    if libdir:
        env["LD_LIBRARY_PATH"] = str(libdir)
    with tempfile.TemporaryDirectory() as folder:
        return run(program, DATA, cwd=folder, env=env)
