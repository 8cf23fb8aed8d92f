#!/bin/sh
# The library for 64-bit ARM, its arithmetic and the cases of the real Keras there, under qemu: aarch64.sh SOURCE BUILD
set -eu
source=$1 build=$2
mkdir -p "$build"
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$source/cmake/aarch64-linux-gnu.cmake" \
  -DKERATIN_WERROR=ON -DKERATIN_UNITY=ON -DKERATIN_CLI=OFF > "$build.log"
cmake --build "$build" --target keratin_core_tests keratin_kernels_tests keratin_graph_tests keratin_conformance \
  > "$build.log" 2>&1 || { grep -A 5 'error\|FAILED' "$build.log" | tail -n 50; exit 1; }
# qemu follows neither a fork of a process with threads nor a program that starts itself again.
ctest --test-dir "$build" -R '^(core|kernels|graph)/' -E 'Fork|ExitWhileOthersWork|TheEnvironmentSetsTheNumber' \
  -j 2 --output-on-failure --timeout 600 > "$build.log" 2>&1 ||
  { grep -v ' Passed \|^ *Start ' "$build.log" | tail -n 200; exit 1; }
grep 'tests passed' "$build.log"
qemu-aarch64 "$build/tests/conformance/keratin_conformance" "$source/tests/data/conformance" > "$build.log" ||
  { grep -v ^PASS "$build.log"; exit 1; }
tail -n 1 "$build.log"
