#!/bin/sh
# The tests once more, built with sanitizers: sanitize.sh address|thread SOURCE BUILD
# `address` (with undefined behaviour and leaks) runs them all, `thread` those in which threads work;
# but for those that a runtime cannot follow, excluded here by name.
set -eu
sanitizer=$1 source=$2 build=$3
case $sanitizer in
  address)
    flags=address,undefined targets=all tests=.
    # Its runtime (GCC 12) locks no allocator at a fork: a lock held by another thread stays so in the child.
    except='Fork' ;;
  thread)
    flags=thread
    targets="keratin_core_tests keratin_model_tests keratin_training_tests keratin_capi_tests"
    tests='^(core|model|training|capi)/'
    # Its runtime follows no fork, and no library that is let go.
    except='Fork|ExitWhileOthersWork|TheEnvironmentSetsTheNumber|OpenMp' ;;
esac
# Where the kernel lets no such program run (no ptrace, other address spaces), the test is skipped.
mkdir -p "$build"
echo 'int main() { return 0; }' | c++ -fsanitize=$flags -x c++ - -o "$build/probe"
"$build/probe" || { echo "no program built with -fsanitize=$flags runs on this machine"; exit 77; }
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O1 -g1" \
  -DKERATIN_SANITIZE=$flags -DKERATIN_UNITY=ON > "$build.log"
cmake --build "$build" --target $targets > "$build.log" 2>&1 || { tail -n 50 "$build.log"; exit 1; }
# Memory that there is not is an error of the library, not of the program (tests/capi/errors_test.cpp).
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS="suppressions=$source/tests/build/leaks.supp:print_suppressions=0"
export TSAN_OPTIONS="allocator_may_return_null=1:suppressions=$source/tests/build/races.supp:print_suppressions=0"
ctest --test-dir "$build" -R "$tests" -E "$except" -j 2 --output-on-failure --timeout 600 > "$build.log" 2>&1 ||
  { grep -v ' Passed \|^ *Start ' "$build.log" | tail -n 400; exit 1; }
grep 'tests passed' "$build.log"
