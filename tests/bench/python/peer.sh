#!/bin/sh
# What people would pick instead: idna and sqlparse compiled by Cython or mypyc as they stand, in an environment of its own.
# usage: peer.sh cython|mypyc PYTHON WORK   (WORK/versions has what to install). Says what is refused; fails if nothing was compiled.
set -u
peer=$1 python=$2 work=$3
bin=$work/$peer/bin log=$work/$peer.log
"$python" -m venv "$work/$peer" && "$bin/pip" install -q -r "$work/versions" setuptools || exit 1
case $peer in cython) tool=cython ;; *) tool='mypy[mypyc]' ;; esac
"$bin/pip" install -q "$tool" > "$log" 2>&1 || { echo "# $peer: not in the index"; exit 1; }
site=$("$bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# Elsewhere than in site-packages: mypyc takes what is beside the sources for sources.
mkdir -p "$work/$peer-sources" && cp -r "$site/idna" "$site/sqlparse" "$work/$peer-sources" && cd "$work/$peer-sources" || exit 1
done=0
compile() { # files of one package
    case $peer in
        cython) "$bin/cythonize" -i -3 "$@" ;;
        *) "$bin/mypyc" --ignore-missing-imports "$@" ;;
    esac
}
# Tables stay as they are: they have no code, and compilers choke on their size. __init__ and __main__ are no modules of their own.
for package in idna sqlparse; do
    files=$(find $package -name '*.py' ! -name '__*__.py' ! -name '*data.py' ! -name package_data.py ! -name cli.py | sort)
    # shellcheck disable=SC2086
    if compile $files > "$log.$package" 2>&1 && find $package -name '*.so' | grep -q .; then
        done=1; echo "# $peer: $package: $(find $package -name '*.so' | wc -l) modules compiled"
    else
        echo "# $peer refuses $package: $(grep -E 'error|Error' "$log.$package" | head -1)"
        find $package -name '*.so' -delete
    fi
done
find . -name '*.so' ! -path './build/*' | tar -cf - -T - | tar -C "$site" -xf -
[ $done = 1 ] && "$bin/python" -c 'import idna, sqlparse; assert sqlparse.split("a; b") == ["a;", "b"] and idna.encode("b\u00fccher") == b"xn--bcher-kva"'
