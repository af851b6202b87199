#!/bin/sh
# make suites: the suites that upstream ships, on the Go-backed packages against the plain ones. Long; needs the index.
# usage: run.sh [SUITE…]   (sqlparse idna requests charset-normalizer django project; all when none is named)
#   SIMPLE=FOLDER   the registry's index; without it W=BUILD/suites/w is converted into
#   PYTHON=python3  the CPython of the virtual environments
#   PACKAGES="django idna requests sqlparse"   what is installed from the index
#   LABELS="…"      of Django's suite
# Four runs of each: plain, Go-backed, GOPHERSNAKE=0, the bundle uninstalled. What was run stays in BUILD/suites.
set -u
cd "$(dirname "$0")/../.." || exit 1
here=$PWD/tests/suites
case ${BUILD:=build} in /*) ;; *) BUILD=$PWD/$BUILD ;; esac
PYTHON=${PYTHON:-python3}
PACKAGES=${PACKAGES:-django idna requests sqlparse}
LABELS=${LABELS:-utils_tests template_tests template_backends i18n httpwrappers urlpatterns urlpatterns_reverse forms_tests model_fields queries}
[ $# -gt 0 ] || set -- sqlparse idna requests charset-normalizer django project
unset GOPHERSNAKE GOPHERSNAKE_REPORT
# The suite of requests reaches its own server by names that a proxy would not know.
export PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0 PIP_DISABLE_PIP_VERSION_CHECK=1 NO_PROXY='*' no_proxy='*'
tag=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || exit 1
work=$BUILD/suites/$tag
rm -rf "$work"; mkdir -p "$work/sdists" "$work/out"
if [ -z "${SIMPLE:-}" ]; then
    "$BUILD/release/gophersnake" convert --workspace "$BUILD/suites/w" django idna requests || exit 1
    SIMPLE=$BUILD/suites/w/registry/simple
fi
log=$work/log
quietly() { "$@" >> "$log" 2>&1 || { echo "$*"; tail -20 "$log"; exit 1; }; }

# ---- three environments -----------------------------------------------------------------------------------------------------
# The test libraries stand in all three; the packages of the plain one have the versions of the Go-backed one.
TOOLS="pytest<10 hypothesis pytest-httpbin==2.1.0 httpbin>=0.10 trustme PySocks jinja2 tzdata gunicorn"
for env in plain go bare; do quietly "$PYTHON" -m venv "$work/$env"; done
for env in go bare; do # shellcheck disable=SC2086
    quietly "$work/$env/bin/pip" install --index-url "file://$SIMPLE" $PACKAGES
    "$work/$env/bin/pip" list --format=freeze | grep -E '\+go\.' > "$work/native"
done
[ -s "$work/native" ] || { echo "the index has no package with native functions"; exit 1; }
"$work/go/bin/pip" list --format=freeze | grep -viE '^(pip|setuptools|gophersnake)' | sed 's/+go\.[0-9]*$//' > "$work/versions"
quietly "$work/bare/bin/pip" uninstall -y gophersnake-bundle
quietly "$work/plain/bin/pip" install -r "$work/versions"
set -f; for env in plain go bare; do quietly "$work/$env/bin/pip" install $TOOLS; done; set +f
"$work/go/bin/pip" list --format=freeze | grep -E '\+go\.' > /dev/null || { echo "the test libraries replaced the Go-backed packages"; exit 1; }
echo "CPython $("$work/go/bin/python" -c 'import platform; print(platform.python_version())'), $(tr '\n' ' ' < "$work/native")"

sdist() { # distribution: unpacks the release's source distribution
    release=$(grep -i "^$1==" "$work/versions")
    quietly "$work/plain/bin/pip" download --no-deps --no-binary "$1" -d "$work/sdists/$1" "$release"
    for archive in "$work/sdists/$1"/*.tar.gz; do quietly tar -C "$work/sdists/$1" -xzf "$archive"; done
}

# ---- one suite, four times ------------------------------------------------------------------------------------------------------
under() { # run, suite: in a fresh copy of the tests, outcomes to out/
    case $1 in plain) env=plain ;; bare) env=bare ;; *) env=go ;; esac
    at=$work/run-$2-$1; export OUTCOMES="$work/out/$2.$1"
    mkdir "$at"; cp -r "$work/sdists/$2"/*/. "$at"
    rm -rf "${at:?}/src" "$at/$(echo "$2" | tr - _)" # the installed ones are meant
    case $1 in go) export GOPHERSNAKE_REPORT="$OUTCOMES.report" ;; off) export GOPHERSNAKE=0 ;; esac
    if [ "$2" = django ]; then
        # shellcheck disable=SC2086
        (cd "$at/tests" && exec nice "$work/$env/bin/python" "$here/django_suite.py" "$OUTCOMES" runtests.py --parallel=1 $LABELS)
    else
        (cd "$at" && PYTHONPATH=$here exec nice "$work/$env/bin/python" -m pytest -q -p outcomes -p no:cacheprovider --hypothesis-seed=0 tests)
    fi > "$OUTCOMES.log" 2>&1
    echo "exit status $?" >> "$OUTCOMES.log"
    unset GOPHERSNAKE GOPHERSNAKE_REPORT OUTCOMES
    rm -rf "$at"
}

status=0
for suite in "$@"; do
    if [ "$suite" = project ]; then
        for run in plain go; do GOPHERSNAKE_VENV=$work/$run sh "$here/django_project.sh" || status=1; done
        continue
    fi
    sdist "$suite"
    for run in plain go off bare; do under $run "$suite"; done
    "$PYTHON" "$here/compare.py" "$suite" "$work/out" || status=1
done
exit $status
