#!/bin/sh
# The Python side of recording on every CPython from 3.8 on that this machine has (pyenv's, and python3).
cd "$(dirname "$0")/../.." || exit 1
list=$(command -v python3)
for python in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.*/bin/python; do [ -x "$python" ] && list="$list $python"; done
number=0 out=$(mktemp)
for python in $list; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 8))' || continue
    number=$((number + 1)) name="recording on $("$python" -c 'import platform; print(platform.python_version())')"
    if PYTHONDONTWRITEBYTECODE=1 "$python" tests/scripts/record.py >"$out" 2>&1; then echo "ok $number - $name"
    else echo "not ok $number - $name"; sed 's/^/# /' "$out"; fi
done
rm -f "$out"
echo "1..$number"
