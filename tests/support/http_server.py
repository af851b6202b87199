#!/usr/bin/env python3
"""A server that misbehaves on request, for tests/unit/core/test_http.c.

Prints its port, ends when its standard input does. The path says what it does; see the functions named do_*.
Raw sockets: http.server is too well-behaved to cut bodies short or to lie about lengths.
"""
import base64
import email.utils
import gzip
import os
import socket
import struct
import sys
import threading
import time
from urllib.parse import parse_qs, unquote

BODY = bytes(i * 7 % 251 for i in range(10000))
lock = threading.Lock()
seen = {}  # target -> how often
state = {"connections": 0, "now": 0, "most": 0, "proxied": 0}


class Close(Exception):
    """The connection ends here."""


class Request:
    def __init__(self, connection, method, target, headers, body):
        self.connection, self.method, self.headers, self.body = connection, method, headers, body
        self.path, _, query = target.partition("?")
        self.query = {key: values[0] for key, values in parse_qs(query).items()}
        self.parts = [unquote(part) for part in self.path.split("/")[1:]]
        with lock:
            self.time = seen[target] = seen.get(target, 0) + 1

    def send(self, data):
        self.connection.sendall(data)

    def number(self, position):
        return int(self.parts[position])

    def answer(self, status, body=b"", length=True, **headers):
        """Headers are given as content_type="…"; length: True, False (none) or a number (a lie)."""
        head = [f"HTTP/1.1 {status} Something"]
        head += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if length is not False:
            head.append(f"Content-Length: {len(body) if length is True else length}")
        self.send(("\r\n".join(head) + "\r\n\r\n").encode() + (b"" if self.method == "HEAD" else body))


def do_hello(r):
    r.answer(200, b"hello", content_type="text/plain", etag='"v1"', last_modified="Tue, 24 Nov 2026 00:00:00 GMT",
             cache_control="max-age=600", Cache_Control="public", age="17")


def do_echo(r):
    r.answer(200, r.method.encode() + b" " + r.body)


def do_headers(r):
    r.answer(200, "".join(f"{name}: {value}\n" for name, value in r.headers.items()).encode())


def do_seen(r):
    with lock:
        count = seen.get(r.path[len("/seen"):], 0)
    r.answer(200, str(count).encode())


def do_proxied(r):
    r.answer(200, str(state["proxied"]).encode())


def do_connections(r):
    r.answer(200, str(state["connections"]).encode())


def do_delay(r):
    time.sleep(r.number(1) / 1000)
    r.answer(200, b"late")


def do_inflight(r):  # /inflight/N: the first N wait for each other, so that a slow machine sees them together too
    with lock:
        state["now"] += 1
        state["most"] = max(state["most"], state["now"])
    for _ in range(1000):
        if state["most"] >= r.number(1):
            break
        time.sleep(0.01)
    time.sleep(0.05)
    with lock:
        state["now"] -= 1
    r.answer(200, b"x")


def do_most(r):
    r.answer(200, str(state["most"]).encode())


def do_silent(r):  # half a body, then nothing
    r.answer(200, BODY[:100], length=1000)
    time.sleep(30)
    raise Close


def do_mute(r):  # not even headers
    time.sleep(30)
    raise Close


def do_drip(r):  # a byte now and then, for ever
    r.answer(200, b"", length=1000000)
    while True:
        r.send(b"x")
        time.sleep(0.02)


def do_truncate(r):  # /truncate/N/key: N times cut off, then whole
    if r.time <= r.number(1):
        r.answer(200, BODY[:5000], length=len(BODY))
        raise Close
    r.answer(200, BODY)


def do_chunked(r):  # the same, without a length
    r.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n" + BODY[:5000] + b"\r\n")
    if r.time <= r.number(1):
        raise Close
    r.send(b"1388\r\n" + BODY[5000:] + b"\r\n0\r\n\r\n")


def do_gzip_cut(r):  # the length is right, the gzip stream is not whole
    data = gzip.compress(BODY)
    whole = r.time > r.number(1)
    r.answer(200, data if whole else data[: len(data) // 2], content_encoding="gzip")


def do_closed(r):  # the end of the connection is the end of the body
    r.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + (BODY[:5000] if r.time <= r.number(1) else BODY))
    raise Close


def do_reset(r):  # /reset/N/key
    if r.time <= r.number(1):
        r.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        r.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise Close
    r.answer(200, BODY)


def do_gone(r):  # /gone/N/key: closed without a byte
    if r.time <= r.number(1):
        raise Close
    r.answer(200, BODY)


def do_longer(r):  # more than it said
    r.answer(200, BODY, length=5000)
    raise Close


def do_status(r):
    r.answer(r.number(1), f"status {r.parts[1]}".encode())


def do_flaky(r):  # /flaky/STATUS/N/key
    if r.time <= r.number(2):
        r.answer(r.number(1), b"not now")
    else:
        r.answer(200, BODY)


def do_wait(r):  # /wait/STATUS/seconds|date|huge/key: once, with Retry-After
    after = {"seconds": "1", "date": email.utils.formatdate(time.time() + 2, usegmt=True), "huge": "100000"}[r.parts[2]]
    if r.time == 1:
        r.answer(r.number(1), b"not now", retry_after=after)
    else:
        r.answer(200, BODY)


def do_redirect(r):  # ?to=URL&code=302
    r.answer(r.query.get("code", "302"), b"elsewhere", location=r.query["to"])


def do_loop(r):
    r.answer(301, b"", location=r.path)


def do_endless(r):
    r.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        r.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def do_endless_error(r):
    r.send(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        r.send(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def do_endless_headers(r):
    r.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        r.send(b"x-more: " + b"y" * 1000 + b"\r\n")


def do_bomb(r):  # 50 MB of zeros in 50 kB
    r.answer(200, gzip.compress(bytes(50_000_000), 1), content_encoding="gzip")


def do_file(r):
    r.answer(200, BODY, content_type="application/octet-stream")


def do_empty(r):
    r.answer(200, b"")


def do_range(r):
    wanted = r.headers.get("range", "")
    if not wanted.startswith("bytes="):
        return r.answer(200, BODY)
    first, _, last = wanted[6:].partition("-")
    begin = len(BODY) - int(last) if not first else int(first)
    end = len(BODY) - 1 if not first or not last else int(last)
    r.answer(206, BODY[begin : end + 1], content_range=f"bytes {begin}-{end}/{len(BODY)}")


def do_etag(r):
    if r.headers.get("if-none-match") == '"v7"':
        return r.answer(304, b"", length=False, etag='"v7"')
    r.answer(200, BODY, etag='"v7"')


def do_compressed(r):
    if "gzip" in r.headers.get("accept-encoding", ""):
        return r.answer(200, gzip.compress(BODY), content_encoding="gzip")
    r.answer(200, BODY)


def do_auth(r):
    given = r.headers.get("authorization", "")
    if given != "Basic " + base64.b64encode(b"user:s3cret/@").decode():
        return r.answer(401, given.encode(), www_authenticate='Basic realm="x"')
    r.answer(200, b"welcome")


def do_hints(r):
    r.send(b"HTTP/1.1 103 Early Hints\r\netag: \"early\"\r\n\r\n")
    r.answer(200, b"final", etag='"final"')


def do_garbage(r):
    r.send(b"\x00\x01\x02 this is not HTTP\r\n\r\n")
    raise Close


def do_zero_header(r):
    r.send(b"HTTP/1.1 200 OK\r\nx: a\x00b\r\nContent-Length: 0\r\n\r\n")


def read_request(connection, data):
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise Close
        data += more
    head, _, data = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    while len(data) < length:
        more = connection.recv(65536)
        if not more:
            raise Close
        data += more
    return Request(connection, method, target, headers, data[:length]), data[length:]


def serve(connection):
    data = b""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while True:
            request, data = read_request(connection, data)
            if request.method == "CONNECT":  # as a proxy: refuses, but has seen it
                state["proxied"] += 1
                request.answer(502, b"")
                continue
            do = globals().get("do_" + request.parts[0].replace("-", "_"))
            if do:
                do(request)
            else:
                request.answer(404, b"no such test")
    except (Close, OSError):
        pass
    finally:
        connection.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=500)
    print(listener.getsockname()[1], flush=True)

    def end():
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=end, daemon=True).start()
    while True:
        connection, _ = listener.accept()
        state["connections"] += 1
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


main()
