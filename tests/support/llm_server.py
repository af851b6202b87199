#!/usr/bin/env python3
"""A small HTTP server of both dialects, for the faults that a whole one does not commit on purpose (llm_player.py has them).

    llm_server.py FOLDER KEY_FILE

Prints its port. POST …/chat/completions speaks OpenAI's, POST …/v1/messages Anthropic's. A request with another key is refused, and the
refusal repeats the key that came, as some providers do.
"""
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import llm_batches  # noqa: E402
from llm_player import Player, pieces, texts, usage_of  # noqa: E402

folder, key = sys.argv[1], open(sys.argv[2]).read().strip()
player = Player(folder)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def refuse(self, status, message, code="", headers=()):
        data = json.dumps({"type": "error", "error": {"type": "some_error", "code": code, "message": message}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def answer(self, value):
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def is_refused(self):
        self.anthropic = "/messages" in self.path
        given = self.headers.get("x-api-key") if self.anthropic else (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        if given != key:
            self.refuse(401, "invalid key: %s" % given, "invalid_api_key")
        return given != key

    def do_GET(self):
        if not self.is_refused():
            found = llm_batches.get(player, self.path)
            self.answer(found) if found is not None else self.refuse(404, "no such thing")

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.is_refused():
            return
        made = llm_batches.post(player, self.path, data, self.headers["Content-Type"])
        if made is not None:
            return self.answer(made)
        body = json.loads(data)
        assert body["stream"] is True
        messages = texts(body)
        step = player.next_step(messages, body)
        if "status" in step:
            return self.refuse(step["status"], step.get("message", "no"), step.get("code", ""), step.get("headers", {}))
        self.fault = step.get("fault")
        text = "key " + key if self.fault == "echo_key" else step.get("text", "Here is the Go:\n\n```go\npackage utils\n")
        if self.fault == "huge":
            text = "```go\n" + "// more and more\n" * 200000
        self.tokens = usage_of(messages, text)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            (self.anthropic_stream if self.anthropic else self.openai_stream)(text, step.get("stop"))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def event(self, value, name=None):
        self.chunk((b"event: %s\n" % name.encode() if name else b"") + b"data: " + json.dumps(value).encode() + b"\n\n")

    def middle(self):
        """True: the stream is broken here."""
        if self.fault == "cut":
            self.wfile.flush()
            self.close_connection = True
            return True
        if self.fault == "invalid":
            self.chunk(b'data: {"x": "\xff\xfe"}\n\n')
        if self.fault == "hang":
            time.sleep(60)
        if self.fault == "error_event":
            self.event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "error")
            self.chunk(b"")
            return True
        return False

    def openai_stream(self, text, stop):
        self.chunk(b": keep-alive\n\n")
        for number, piece in enumerate(pieces(text)):
            self.event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}], "usage": None})
            if number == 0 and self.middle():
                return
        reason = {"length": "length", "content_filter": "content_filter", "refusal": "stop", None: "stop"}.get(stop, "stop")
        if stop == "refusal":
            self.event({"choices": [{"index": 0, "delta": {"refusal": "I can't help with that."}, "finish_reason": None}]})
        self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if self.fault != "no_usage":
            prompt, output = self.tokens
            self.event({"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output,
                                                 "prompt_tokens_details": {"cached_tokens": prompt // 2}}})
        self.chunk(b"data: [DONE]\n\n")
        self.chunk(b"")

    def anthropic_stream(self, text, stop):
        prompt, output = self.tokens
        self.event({"type": "message_start", "message": {"usage": {
            "input_tokens": prompt // 2, "cache_read_input_tokens": prompt - prompt // 2 - 10, "cache_creation_input_tokens": 10,
            "output_tokens": 1}}}, "message_start")
        self.event({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}, "content_block_start")
        self.event({"type": "ping"}, "ping")
        for number, piece in enumerate(pieces(text)):
            self.event({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}}, "content_block_delta")
            if number == 0 and self.middle():
                return
        self.event({"type": "content_block_stop", "index": 0}, "content_block_stop")
        reason = {"length": "max_tokens", "refusal": "refusal", "pause": "pause_turn", "content_filter": "refusal"}.get(stop, "end_turn")
        delta = {"type": "message_delta", "delta": {"stop_reason": reason}}
        if self.fault != "no_usage":
            delta["usage"] = {"output_tokens": output}
        self.event(delta, "message_delta")
        self.event({"type": "message_stop"}, "message_stop")
        self.chunk(b"")


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionResetError, BrokenPipeError)):
            super().handle_error(request, client_address)  # a client that has heard enough is no error


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
