"""A package index that can misbehave, for tests of the resolver.

    python3 tests/support/index_server.py          serves on a free loopback port, prints it, ends with its standard input

Everything is made up here, always the same bytes. A URL begins with what the index is like:

    /json,ranges/simple/<project>/     the project's page
    /json,ranges/files/<file>          a file of it, and <file>.metadata
    /-/log                             the requests since the last look: one "METHOD path" a line

Words: json or html · meta (announced ".metadata") · sibling (the same, unannounced) · ranges · nohash · badhash (of
files) · badmeta (of siblings) · etag · maxage (an hour) · nostore · login (an HTML page with a form) · text · notindex
(other JSON) · cut (bodies shorter than promised) · half (pages that end in the middle) · status=N (pages) · files=N
(status of files) · flaky (the first request of each URL gets 503) · tofile, toftp, tohttp (pages redirect to another
scheme or host) · moved (pages redirect here) · version=X (of the API) · auth (user "u", password "p")
"""
import hashlib
import http.server
import io
import json
import sys
import tarfile
import threading
import zipfile
from base64 import b64encode
from html import escape


def metadata(name, version, requires=(), python="", extras=(), level="2.1", dynamic=()):
    lines = ["Metadata-Version: " + level, "Name: " + name, "Version: " + version]
    lines += ["Requires-Python: " + python] if python else []
    lines += ["Dynamic: " + d for d in dynamic]
    lines += ["Requires-Dist: " + r for r in requires] + ["Provides-Extra: " + e for e in extras]
    return "\n".join(lines) + "\n\nA body.\n"


def wheel(name, version, text, more=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in [(f"{name}/__init__.py", f"v = '{version}'\n"), *more,
                           (f"{name}-{version}.dist-info/METADATA", text), (f"{name}-{version}.dist-info/RECORD", "")]:
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def sdist(name, version, files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(data.encode())
            archive.addfile(entry, io.BytesIO(data.encode()))
    return out.getvalue()


class File:
    def __init__(self, name, data, sibling=None, python="", yanked=None):
        self.name, self.data, self.sibling, self.python, self.yanked = name, data, sibling, python, yanked


PROJECTS = {}


def add(name, version, requires=(), python="", extras=(), yanked=None, tag="py3-none-any", more=(), text=None, file=None):
    text = text or metadata(name, version, requires, python, extras)
    file = file or f"{name}-{version}-{tag}.whl"
    PROJECTS.setdefault(name.lower().replace("_", "-"), []).append(
        File(file, wheel(name, version, text, more), text, python, yanked))


def add_sdist(name, version, files, python="", yanked=None):
    PROJECTS.setdefault(name, []).append(File(f"{name}-{version}.tar.gz", sdist(name, version, files), None, python, yanked))


add("app", "1.0", ["lib"])
add("app", "1.1", ["lib>=1.1", "tool[fast]; python_version >= '3'", "winonly; sys_platform == 'win32'"], extras=["big"])
add("app", "2.0", ["lib"], python=">=3.99")
add("app", "2.1a1", ["lib"])
add("app", "2.2", ["lib"], yanked="broken")
add("lib", "1.0")
add("climber", "1.0", more=[("../../outside.py", "escaped = True\n")])
add("lib", "1.1")
add("lib", "1.2", yanked="")
add("lib", "1.3", ["nowhere-to-be-found"])
add("tool", "1.0", ["fast-tool>=2; extra == 'fast'"], extras=["fast"])
add("fast_tool", "2.0")
add("large", "1.0", more=[(f"large/module_{i:04}_with_a_rather_long_name_for_its_directory_entry.py", f"# {i}\n") for i in range(900)])
add("longtail", "1.0", text=metadata("longtail", "1.0") + "".join(hashlib.sha256(b"%d" % i).hexdigest() for i in range(4000)))
add("native", "1.0", tag="cp311-cp311-win_amd64")
add("plain", "1.0", requires=["lib"])
add("liar", "1.0", text=metadata("other", "1.0"))
add("broken_need", "1.0")
add("broken_need", "1.1", ["lib >> 2"])
add("clash", "1.0", ["lib==1.0", "app==1.1"])
PROJECTS["mixed"] = [File("mixed-1.0-cp311-cp311-win_amd64.whl", wheel("mixed", "1.0", metadata("mixed", "1.0", ["lib==1.0"])),
                          metadata("mixed", "1.0", ["lib==1.0"]))]
add_sdist("mixed", "1.0", {"PKG-INFO": metadata("mixed", "1.0")})
add_sdist("vouched", "1.0", {"PKG-INFO": metadata("vouched", "1.0", ["lib==1.0"], level="2.2")})
add_sdist("tables", "1.0", {"PKG-INFO": metadata("tables", "1.0"), "pyproject.toml":
                            '[project]\nname = "tables"\nversion = "1.0"\ndependencies = ["lib==1.0"]\n'
                            '[project.optional-dependencies]\nmore = ["fast-tool; python_version > \'3\'"]\n'})
add_sdist("recorded", "1.0", {"PKG-INFO": metadata("recorded", "1.0"), "src/recorded.egg-info/requires.txt":
                              "lib==1.0\n\n[more]\nfast-tool\n\n[:sys_platform == 'win32']\nwinonly\n",
                              "src/vendored.egg-info/requires.txt": "nowhere\n"})
add_sdist("silent", "1.0", {"PKG-INFO": metadata("silent", "1.0"), "setup.py": "raise SystemExit('never run me')\n"})
add_sdist("silent", "0.9", {"setup.py": "raise SystemExit('never run me')\n"})
add_sdist("dynamic", "1.0", {"PKG-INFO": metadata("dynamic", "1.0", level="2.2", dynamic=["Requires-Dist"])})
add("dynamic", "0.9")
PROJECTS["empty"] = []

LOG, SEEN, LOCK = [], {}, threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b"", kind="text/plain", headers=(), cut=False):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[: len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True

    def do_GET(self):
        if self.path == "/-/log":
            with LOCK:
                text = "".join(line + "\n" for line in LOG)
                LOG.clear()
            return self.answer(200, text.encode())
        with LOCK:
            LOG.append(f"{self.command} {self.path}" + (" " + self.headers["Range"] if self.headers["Range"] else ""))
            SEEN[self.path] = SEEN.get(self.path, 0) + 1
            first = SEEN[self.path] == 1
        _, mode, area, rest = (self.path.split("/", 3) + ["", "", ""])[:4]
        words = set(mode.split(","))
        values = dict(w.split("=", 1) for w in words if "=" in w)
        if "auth" in words and self.headers["Authorization"] != "Basic " + b64encode(b"u:p").decode():
            return self.answer(401, b"who are you")
        if "flaky" in words and first:
            return self.answer(503, b"later", headers=[("Retry-After", "0")])
        if area == "simple":
            return self.page(mode, words, values, rest.rstrip("/"))
        if area == "files":
            return self.file(words, values, rest)
        return self.answer(404)

    def page(self, mode, words, values, name):
        here = f"http://127.0.0.1:{self.server.server_port}/{mode}"
        targets = {"tofile": "file:///etc/passwd", "toftp": "ftp://127.0.0.1/x", "tohttp": "http://192.0.2.1/x/"}
        for word, target in targets.items():
            if word in words:
                return self.answer(302, headers=[("Location", target)])
        if "moved" in words:
            return self.answer(301, headers=[("Location", f"{here.replace('moved', 'stay')}/simple/{name}/")])
        if "status" in values:
            return self.answer(int(values["status"]))
        if "login" in words:
            return self.answer(200, b"<!DOCTYPE html><title>Sign in</title><form action=/in><input name=user></form>", "text/html")
        if "notindex" in words:
            return self.answer(200, b'{"detail": "please log in"}', "application/json")
        if "text" in words:
            return self.answer(200, b"hello", "text/plain")
        if name not in PROJECTS:
            return self.answer(404)
        body = (self.html if "html" in words else self.json)(words, values, name, here)
        headers, etag = [], '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
        if "maxage" in words:
            headers.append(("Cache-Control", "max-age=3600"))
        if "nostore" in words:
            headers.append(("Cache-Control", "no-store"))
        if "etag" in words:
            headers.append(("ETag", etag))
            if self.headers["If-None-Match"] == etag:
                self.send_response(304)
                self.end_headers()
                return None
        if "half" in words:
            body = body[: len(body) // 2]
        kind = "text/html" if "html" in words else "application/vnd.pypi.simple.v1+json"
        return self.answer(200, body, kind, headers, "cut" in words)

    def hashes(self, words, data, bad):
        if "nohash" in words:
            return {}
        return {"sha256": hashlib.sha256(data + (b"?" if bad in words else b"")).hexdigest()}

    def json(self, words, values, name, here):
        files = []
        for file in PROJECTS[name]:
            entry = {"filename": file.name, "url": f"{here}/files/{file.name}", "hashes": self.hashes(words, file.data, "badhash"),
                     "size": len(file.data), "upload-time": "2020-01-01T00:00:00Z", "surprise": [1]}
            if file.python:
                entry["requires-python"] = file.python
            entry["yanked"] = False if file.yanked is None else file.yanked or True
            if "meta" in words and file.sibling:
                entry["core-metadata"] = self.hashes(words, file.sibling.encode(), "badmeta") or True
            files.append(entry)
        return json.dumps({"meta": {"api-version": values.get("version", "1.1")}, "name": name, "files": files}).encode()

    def html(self, words, values, name, here):
        lines = ["<!DOCTYPE html><html><head><meta name='pypi:repository-version' content='%s'>" % values.get("version", "1.0"),
                 f"<base href='{here}/files/'><title>Links</title></head><body><!-- <a href='no.whl'> -->"]
        for file in PROJECTS[name]:
            hashes = self.hashes(words, file.data, "badhash")
            fragment = "#sha256=" + hashes["sha256"] if hashes else ""
            more = f' data-requires-python="{escape(file.python)}"' if file.python else ""
            more += f' data-yanked="{escape(file.yanked)}"' if file.yanked is not None else ""
            if "meta" in words and file.sibling:
                sibling = self.hashes(words, file.sibling.encode(), "badmeta")
                more += f' data-core-metadata="{"sha256=" + sibling["sha256"] if sibling else "true"}"'
            lines.append(f'<A HREF="{file.name}{fragment}"{more}>{file.name}</A><br>')
        return "\n".join(lines + ["<a href='../'>up</a></body></html>"]).encode()

    def file(self, words, values, name):
        known = {file.name: file for files in PROJECTS.values() for file in files}
        sibling = name.endswith(".metadata")
        file = known.get(name[: -len(".metadata")] if sibling else name)
        if not file or (sibling and not (file.sibling and words & {"meta", "sibling"})):
            return self.answer(404)
        if "files" in values:
            return self.answer(int(values["files"]))
        data = file.sibling.encode() if sibling else file.data
        wanted = self.headers["Range"]
        if "ranges" in words and wanted and wanted.startswith("bytes="):
            begin, end = wanted[6:].split("-")
            if not begin:
                begin, end = max(0, len(data) - int(end)), len(data) - 1
            begin, end = int(begin), min(int(end or len(data)), len(data) - 1)
            return self.answer(206, data[begin : end + 1], "application/octet-stream",
                               [("Content-Range", f"bytes {begin}-{end}/{len(data)}")], "cut" in words)
        return self.answer(200, data, "application/octet-stream", cut="cut" in words)

    do_HEAD = do_GET


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


def main():
    server = Server(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
