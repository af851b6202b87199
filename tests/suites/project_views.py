"""urls.py of the project that django_project.sh makes: SQL and names through packages with native functions."""
import os

import idna
import sqlparse
from django.contrib import admin
from django.http import HttpResponse
from django.urls import path


def sql(request):
    return HttpResponse(sqlparse.format(request.GET["q"], reindent=True, keyword_case="upper") + "\n", content_type="text/plain")


def name(request):
    return HttpResponse(idna.encode(request.GET["q"]).decode() + "\n", content_type="text/plain")


def report(request):
    """The process, and whether Go ran in it."""
    sqlparse.split(request.GET["q"])
    try:
        import gophersnake_bundle
    except ImportError:
        where = "python"
    else:
        where = "go" if gophersnake_bundle.report()["library"] == "running" else "python"
    return HttpResponse("%d %s\n" % (os.getpid(), where), content_type="text/plain")


urlpatterns = [path("admin/", admin.site.urls), path("sql", sql), path("name", name), path("report", report)]
