#!/bin/sh
# A virtual environment with pinned packages: venv.sh PYTHON FOLDER REQUIREMENTS
set -eu
cmp -s "$3" "$2/installed.txt" && exit 0
rm -rf "$2"
"$1" -m venv "$2"
"$2/bin/pip" install --quiet --disable-pip-version-check -r "$3"
cp "$3" "$2/installed.txt"
