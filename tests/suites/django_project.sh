#!/bin/sh
# A Django project as people make one, in the virtual environment $GOPHERSNAKE_VENV (django, gunicorn; Go-backed or plain): startproject,
# migrate on SQLite, superuser, admin, runserver over HTTP, gunicorn with two forked workers, multiprocessing. TAP.
set -u
here=$(cd "$(dirname "$0")" && pwd)
python=$GOPHERSNAKE_VENV/bin/python
work=$(mktemp -d); server=
finish() { [ -z "$server" ] || { kill "$server"; wait "$server"; } 2> /dev/null; rm -rf "$work"; }
trap finish EXIT
unset GOPHERSNAKE GOPHERSNAKE_REPORT
export NO_PROXY='*' no_proxy='*' PYTHONDONTWRITEBYTECODE=1
native=$("$GOPHERSNAKE_VENV/bin/pip" list --format=freeze 2> /dev/null | grep -cE '\+go\.')
number=0 status=0
check() { # what, command…
    number=$((number + 1)) what=$1; shift
    if "$@" > "$work/out" 2>&1; then echo "ok $number - $what"; else
        echo "not ok $number - $what"; tail -30 "$work/out" | sed 's/^/# /'; status=1; fi
}
manage() { (cd "$work/site" && "$python" manage.py "$@"); }
port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
start_project() { (cd "$work" && mkdir site && "$python" -m django startproject project site) && cp "$here/project_views.py" "$work/site/project/urls.py"; }
superuser() { DJANGO_SUPERUSER_PASSWORD=a-long-password-1 manage createsuperuser --noinput --username admin --email admin@example.com; }
serve() { # log, command…: until it answers
    at=$(port) log=$1; shift
    (cd "$work/site" && exec "$@" "127.0.0.1:$at") > "$work/$log" 2>&1 & server=$!
    for _ in $(seq 300); do curl -fs -o "$work/page" "http://127.0.0.1:$at/sql?q=select+1" && return 0; kill -0 "$server" 2> /dev/null || break; sleep 0.1; done
    cat "$work/$log"; return 1
}
stop() { kill "$server"; wait "$server"; server=; }
pages() { # requests that answer, the admin with its login, and what the project makes of SQL and names
    curl -fs "http://127.0.0.1:$at/sql?q=select+a,b+from+c" | grep -q '^SELECT a,$' || return 1
    curl -fs "http://127.0.0.1:$at/name?q=b%C3%BCcher.example" | grep -qx 'xn--bcher-kva.example' || return 1
    rm -f "$work/jar"
    curl -fs -c "$work/jar" -o "$work/login" "http://127.0.0.1:$at/admin/login/" || return 1
    token=$(sed -n 's/.*csrfmiddlewaretoken" value="\([^"]*\)".*/\1/p' "$work/login" | head -1)
    curl -fs -L -b "$work/jar" -c "$work/jar" --data-urlencode "csrfmiddlewaretoken=$token" -d username=admin -d password=a-long-password-1 \
        -d next=/admin/ "http://127.0.0.1:$at/admin/login/" | grep -q 'Site administration'
}
run_server() { serve runserver "$python" manage.py runserver --noreload --insecure && pages && stop; }
reloader() { serve reloader "$python" manage.py runserver && pages && stop; }
gunicorn() { # both workers answer, each with Go of its own
    serve gunicorn "$GOPHERSNAKE_VENV/bin/gunicorn" -w 2 "$@" project.wsgi -b || return 1
    pages || return 1
    for _ in $(seq 200); do curl -fs "http://127.0.0.1:$at/report?q=select+1,2"; done | sort | uniq -c > "$work/workers"
    cat "$work/workers"
    stop
    [ "$("$python" -c 'import sys; print(len({line.split()[1] for line in sys.stdin}))' < "$work/workers")" = 2 ] || return 1
    ! grep -qE "WORKER TIMEOUT|SIGSEGV|Traceback" "$work/gunicorn"
}
workers_have_go() { [ "$native" = 0 ] || ! grep -v ' go$' "$work/workers"; }
in_process() { (cd "$work/site" && "$python" "$here/project_processes.py" "$1" "$native"); }

echo "# $GOPHERSNAKE_VENV: $native packages with native functions"
check "startproject" start_project
check "migrate on SQLite" manage migrate
check "createsuperuser" superuser
check "check" manage check
check "sqlmigrate goes through sqlparse" manage sqlmigrate auth 0001
check "admin through the test client; native functions are hit" in_process admin
check "runserver answers over HTTP" run_server
check "runserver with its reloader" reloader
check "gunicorn, 2 workers: both answer" gunicorn
check "  and run Go" workers_have_go
check "gunicorn --preload, 2 workers: both answer" gunicorn --preload
check "  and run Go: none was started before they forked" workers_have_go
check "multiprocessing: fork before the first native call" in_process fork-early
check "multiprocessing: fork after it: the children do it in Python" in_process fork-late
check "multiprocessing: spawn" in_process spawn
check "a pool of threads" in_process threads
echo "1..$number"
exit $status
