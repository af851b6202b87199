#!/usr/bin/env bats
# A Django project on packages from the registry: management commands, the test client, servers that fork; native functions are hit.
load ../e2e/common

setup_file() {
    export GOPHERSNAKE_WORKSPACE="$BATS_FILE_TMPDIR/w" PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
    export SIMPLE="$GOPHERSNAKE_WORKSPACE/registry/simple" V="$BATS_FILE_TMPDIR/v" SITE="$BATS_FILE_TMPDIR/site"
    gs convert django > "$BATS_FILE_TMPDIR/summary" 2>&1 || { cat "$BATS_FILE_TMPDIR/summary"; false; }
    python3 -m venv "$V"
    "$V/bin/pip" install -q --index-url "file://$SIMPLE" django
    "$V/bin/pip" install -q gunicorn
    mkdir "$SITE"; cd "$SITE"
    "$V/bin/django-admin" startproject site1 .
    cat > site1/urls.py <<'P'
import os
import sqlparse
from django.contrib import admin
from django.http import HttpResponse
from django.urls import path

def sql(request):
    return HttpResponse("%d\n%s" % (os.getpid(), sqlparse.format(request.GET["q"], keyword_case="upper")))

urlpatterns = [path("admin/", admin.site.urls), path("sql/", sql)]
P
    "$V/bin/python" manage.py migrate > migrate.log
}

@test "the whole tree comes from the registry" {
    run "$V/bin/pip" list --format=freeze; has "Django=="; has asgiref; has "sqlparse=="; has "+go.0"; has "gophersnake-bundle=="
    run "$V/bin/pip" check; status_is 0
}

@test "management commands, admin and the test client" {
    cd "$SITE"
    run "$V/bin/python" manage.py check; status_is 0; has "no issues"
    cat > site1/tests.py <<'P'
import gophersnake_bundle
from django.contrib.auth.models import User
from django.test import TestCase

class Sites(TestCase):
    def test_admin(self):
        User.objects.create_superuser("gopher", "g@example.com", "x")
        self.assertTrue(self.client.login(username="gopher", password="x"))
        self.assertContains(self.client.get("/admin/"), "Site administration")
        self.assertContains(self.client.get("/sql/", {"q": "select 1"}), "SELECT 1")
        rows = {r["module"] + "." + r["name"]: r for r in gophersnake_bundle.report()["functions"]}
        self.assertGreaterEqual(rows["sqlparse.format"]["native"], 1)
P
    run "$V/bin/python" manage.py test site1; status_is 0; has OK
}

# Waits until a server answers; it must not end before that.
answers() { # process port
    while ! curl -s -o "$BATS_TEST_TMPDIR/answer" "http://127.0.0.1:$2/sql/?q=select+1"; do kill -0 "$1" || return 1; sleep 0.1; done
}
free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

@test "runserver answers over HTTP" {
    cd "$SITE"; unset http_proxy HTTP_PROXY
    port=$(free_port)
    "$V/bin/python" manage.py runserver --noreload "127.0.0.1:$port" > "$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
    answers $! "$port"; kill %1
    run cat "$BATS_TEST_TMPDIR/answer"; has "SELECT 1"
}

@test "gunicorn with two workers, loaded before the fork: each runs Go" {
    cd "$SITE"; unset http_proxy HTTP_PROXY
    port=$(free_port)
    GOPHERSNAKE_REPORT="$BATS_TEST_TMPDIR/report" "$V/bin/gunicorn" --preload -w 2 -b "127.0.0.1:$port" site1.wsgi > "$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
    server=$!
    answers $server "$port"
    # Until both have answered.
    while [ "$(sort -u "$BATS_TEST_TMPDIR/workers" 2> /dev/null | wc -l)" -lt 2 ]; do
        curl -s "http://127.0.0.1:$port/sql/?q=select+1" > "$BATS_TEST_TMPDIR/answer"
        grep -q '^SELECT 1' "$BATS_TEST_TMPDIR/answer"
        head -1 "$BATS_TEST_TMPDIR/answer" >> "$BATS_TEST_TMPDIR/workers"
    done
    kill $server; wait $server || true
    python3 - "$BATS_TEST_TMPDIR/report" "$BATS_TEST_TMPDIR/workers" <<'P'
import json, sys
reports = {r["process"]: r for r in map(json.loads, open(sys.argv[1]))}
workers = set(map(int, open(sys.argv[2])))
assert len(workers) == 2, workers
for worker in workers:
    rows = {r["module"] + "." + r["name"]: r for r in reports[worker]["functions"]}
    assert rows["sqlparse.format"]["native"] >= 1, (worker, rows["sqlparse.format"])
P
}

@test "multiprocessing: a fork of a process with Go goes on in Python, spawn uses Go" {
    cat > "$BATS_TEST_TMPDIR/job.py" <<'P'
import multiprocessing, sqlparse, gophersnake_bundle

def work(number):
    text = sqlparse.format("select %d" % number, keyword_case="upper")
    rows = {r["module"] + "." + r["name"]: r for r in gophersnake_bundle.report()["functions"]}
    return text, rows["sqlparse.format"]["native"]

if __name__ == "__main__":
    assert work(0) == ("SELECT 0", 1)
    for method, native in (("fork", {1}), ("spawn", set(range(1, 21)))):  # a forked child has its parent's count
        with multiprocessing.get_context(method).Pool(2) as pool:
            results = pool.map(work, range(20))
        assert [text for text, _ in results] == ["SELECT %d" % n for n in range(20)], results
        assert {n for _, n in results} <= native, (method, results)
    print("done")
P
    run "$V/bin/python" "$BATS_TEST_TMPDIR/job.py"; status_is 0; has done
}
