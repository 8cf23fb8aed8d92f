#!/bin/sh
# The tests, on Debian 12: installs the packages they need, builds, runs ctest. `run.sh deep` adds
# clang-tidy and all tests once more under the address, undefined behaviour and thread sanitizers.
set -eu
cd "$(dirname "$0")/.."
sh cmake/install_packages.sh cmake/packages.txt tests/packages.txt
cmake -S . -B build-tests -G Ninja -DKERATIN_CHECKS=ON -DKERATIN_DEEP_CHECKS=$([ "${1:-}" = deep ] && echo ON || echo OFF) -DKERATIN_WERROR=ON -DCMAKE_INSTALL_PREFIX=/usr
cmake --build build-tests
exec ctest --test-dir build-tests --output-on-failure -j 2
