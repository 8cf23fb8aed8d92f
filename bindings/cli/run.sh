#!/bin/sh
# The main job, on Debian 12: installs the packages needed, builds, trains a network on eight columns of
# a table, evaluates it on rows held out, and saves model.keras in the present folder.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
sh "$root/cmake/install_packages.sh" "$root/cmake/packages.txt"
cmake -S "$root" -B "$root/build" -G Ninja -DKERATIN_TESTS=OFF > /dev/null
cmake --build "$root/build"
exec "$root/build/bindings/cli/keratin" train "$root/bindings/data/breast_cancer.csv" --target benign \
  --dense 10,5 --epochs 100 --batch-size 10 --validation-split 0.1 --hold-out 0.2 --seed 1 --save model.keras "$@"
