#!/bin/sh
# The tests, on Debian 12: installs the packages they need, builds, runs ctest: also clang-tidy, all
# once more under the address, undefined behaviour and thread sanitizers, and the arithmetic on 64-bit
# ARM under qemu. `run.sh quick` leaves these out.
set -eu
cd "$(dirname "$0")/.."
deep=ON packages="cmake/packages.txt tests/packages.txt tests/packages.arm64.txt"
[ "${1:-}" != quick ] || deep=OFF packages="cmake/packages.txt tests/packages.txt"
sh cmake/install_packages.sh $packages
cmake -S . -B build-tests -G Ninja -DKERATIN_CHECKS=ON -DKERATIN_DEEP_CHECKS=$deep -DKERATIN_WERROR=ON -DCMAKE_INSTALL_PREFIX=/usr
cmake --build build-tests
exec ctest --test-dir build-tests --output-on-failure -j 2
