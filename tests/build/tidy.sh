#!/bin/sh
# clang-tidy over the library and the bindings: tidy.sh SOURCE BUILD
set -eu
cmake -S "$1" -B "$2" -G Ninja -DKERATIN_TESTS=OFF -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON \
  -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ > "$2.log"
run-clang-tidy -p "$2" -quiet -j 2 > "$2.log" 2>&1 || { grep -v '^clang-tidy' "$2.log"; exit 1; }
echo "clang-tidy: $(grep -c '^clang-tidy' "$2.log") files"
