"""In the folder of the project: project_processes.py SCENARIO NATIVE_PACKAGES. The plain environment has no bundle to ask."""
import concurrent.futures
import multiprocessing
import os
import sys

sys.path.insert(0, os.getcwd())
os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
WANTED = ["select 1;", "select 2"]


def native(name="sqlparse.split"):
    """(calls that ran in Go, state of the library)"""
    try:
        import gophersnake_bundle
    except ImportError:
        return 0, "none"
    report = gophersnake_bundle.report()
    return sum(row.get("native", 0) for row in report["functions"] if "%s.%s" % (row["module"], row["name"]) == name), report["library"]


def work(number):
    import idna
    import sqlparse
    assert sqlparse.split("select 1; select 2") == WANTED
    assert idna.encode("b\u00fccher%d.example" % number).startswith(b"xn--bcher")
    return native()[1]


def pool(method):
    with multiprocessing.get_context(method).Pool(2) as workers:
        return set(workers.map(work, range(50), chunksize=1))


def admin():
    from django.contrib.auth.models import User
    from django.test import Client
    assert Client().get("/admin/").status_code == 302  # to the login
    client = Client()
    assert client.login(username="admin", password="a-long-password-1")
    for page in ("/admin/", "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/group/add/"):
        assert client.get(page).status_code == 200, page
    answer = client.post("/admin/auth/user/add/", {"username": "ann", "password1": "another-pass-9", "password2": "another-pass-9",
                                                   "usable_password": "true"})
    assert answer.status_code == 302, answer.content
    assert User.objects.filter(username="ann").exists()
    assert client.post("/admin/auth/user/add/", {"username": "", "password1": "1", "password2": "2"}).status_code == 200
    assert client.get("/sql?q=select+1").content == b"SELECT 1\n"
    User.objects.filter(username="ann").delete()
    print(native("sqlparse.format"))


def main(scenario, packages):
    import django
    from django.conf import settings  # noqa: F401
    go = packages > 0
    if scenario == "fork-early":  # django.setup() itself calls native functions
        assert pool("fork") == ({"running"} if go else {"none"})
    django.setup()
    if scenario == "admin":
        from django.test.utils import setup_test_environment
        setup_test_environment()  # allows the host "testserver"
        admin()
        assert (native("sqlparse.format")[0] > 0) == go
    elif scenario == "fork-early":
        assert work(0) == ("running" if go else "none")
    elif scenario == "fork-late":
        assert work(0) == ("running" if go else "none")
        assert pool("fork") == ({"forked"} if go else {"none"})
        assert work(0) == ("running" if go else "none")
    elif scenario == "spawn":
        work(0)
        assert pool("spawn") == ({"running"} if go else {"none"})
    elif scenario == "threads":
        with concurrent.futures.ThreadPoolExecutor(8) as threads:
            assert len(set(threads.map(work, range(400)))) == 1
        assert (native()[0] == 400) == go
    else:
        raise SystemExit("no such scenario: " + scenario)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
