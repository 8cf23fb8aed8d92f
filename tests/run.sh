#!/bin/sh
# The tests, on Debian 12: installs the packages they need, builds, runs ctest: also clang-tidy, and
# all once more under the address, undefined behaviour and thread sanitizers. `run.sh quick` leaves
# these out.
set -eu
cd "$(dirname "$0")/.."
sh cmake/install_packages.sh cmake/packages.txt tests/packages.txt
cmake -S . -B build-tests -G Ninja -DKERATIN_CHECKS=ON -DKERATIN_DEEP_CHECKS=$([ "${1:-}" = quick ] && echo OFF || echo ON) -DKERATIN_WERROR=ON -DCMAKE_INSTALL_PREFIX=/usr
cmake --build build-tests
exec ctest --test-dir build-tests --output-on-failure -j 2
