"""The batch APIs of both dialects for llm_server.py: Anthropic's message batches, OpenAI's files and batches.

The player plays each request when the batch is made. A step {"batch": "errored" | "expired" | "canceled" | "missing"} makes that of its entry (OpenAI:
a line of the error file, or none). Results come in the reverse order. A batch is in progress at the first two looks, and for as long as the
folder has a file "hold". Each call is a line of batches.jsonl.
"""
import json
import os
import threading

from llm_player import texts, usage_of

batches, files, lock = {}, {}, threading.Lock()


def note(player, *words):
    with open(os.path.join(player.folder, "batches.jsonl"), "a") as file:
        file.write(json.dumps(words) + "\n")


def play(player, body, anthropic):
    """(message or None, what happened)"""
    assert "stream" not in body and "stream_options" not in body, sorted(body)
    messages = texts(body)
    step = player.next_step(messages, body)
    if "batch" in step or "status" in step:
        return None, step.get("batch", "errored")
    text = step.get("text", "")
    prompt, output = usage_of(messages, text)
    if anthropic:
        reason = {"length": "max_tokens", "refusal": "refusal"}.get(step.get("stop"), "end_turn")
        return {"type": "message", "content": [{"type": "text", "text": text[:50]}, {"type": "text", "text": text[50:]}], "stop_reason": reason,
                "usage": {"input_tokens": prompt, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0, "output_tokens": output}}, "succeeded"
    return {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": step.get("stop", "stop")}],
            "usage": {"prompt_tokens": prompt, "completion_tokens": output, "prompt_tokens_details": {"cached_tokens": 0}}}, "succeeded"


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in reversed(rows)).encode()


def make_anthropic(player, requests):
    number = "msgbatch_%d" % (len(batches) + 1)
    rows = []
    for request in requests:
        message, what = play(player, request["params"], True)
        result = {"type": what, "message": message} if message else {"type": what, "error": {"type": "error"}}
        if what != "missing":
            rows.append({"custom_id": request["custom_id"], "result": result})
    batches[number] = {"looks": 0, "results": lines(rows)}
    return number


def make_openai(player, file):
    number = "batch_%d" % (len(batches) + 1)
    good, bad = [], []
    for line in files[file].splitlines():
        row = json.loads(line)
        assert row["method"] == "POST" and row["url"] == "/v1/chat/completions"
        message, what = play(player, row["body"], False)
        if message:
            good.append({"custom_id": row["custom_id"], "response": {"status_code": 200, "body": message}, "error": None})
        elif what == "expired":
            bad.append({"custom_id": row["custom_id"], "response": None, "error": {"code": "batch_expired", "message": "expired"}})
        elif what != "missing":
            bad.append({"custom_id": row["custom_id"], "response": {"status_code": 500, "body": {"error": {"message": "x"}}}, "error": None})
    files["out-" + number], files["err-" + number] = lines(good), lines(bad)
    batches[number] = {"looks": 0, "output_file_id": "out-" + number if good else None, "error_file_id": "err-" + number if bad else None}
    return number


def post(player, path, data, content_type):
    """What the server answers, None when this is no path of batches."""
    with lock:
        if path.endswith("/v1/messages/batches"):
            number = make_anthropic(player, json.loads(data)["requests"])
            note(player, "made", number)
            return {"id": number, "processing_status": "in_progress"}
        if path.endswith("/v1/files"):
            parts = data.split(b"--" + content_type.split("boundary=")[1].encode())
            assert b'name="purpose"\r\n\r\nbatch\r\n' in parts[1] and parts[3] == b"--\r\n", parts
            number = "file-%d" % (len(files) + 1)
            files[number] = parts[2].split(b"\r\n\r\n", 1)[1].strip()
            return {"id": number}
        if path.endswith("/v1/batches"):
            body = json.loads(data)
            assert body["endpoint"] == "/v1/chat/completions" and body["completion_window"] == "24h"
            number = make_openai(player, body["input_file_id"])
            note(player, "made", number)
            return {"id": number, "status": "validating"}
        if path.endswith("/cancel"):
            batch = batches[path.split("/")[-2]]
            batch.update(cancelled=True, looks=99, results=b"", output_file_id=None, error_file_id=None)
            note(player, "cancelled", path.split("/")[-2])
            return {"id": path.split("/")[-2], "status": "cancelling"}
    return None


def get(player, path):
    with lock:
        name = path.rstrip("/").split("/")[-1]
        if path.endswith("/results"):
            return batches[path.split("/")[-2]]["results"]
        if path.endswith("/content"):
            return files[path.split("/")[-2]]
        batch = batches.get(name)
        if batch is None:
            return None
        note(player, "look", name)
        batch["looks"] += 1
        ended = batch["looks"] > 2 and (batch.get("cancelled") or not os.path.exists(os.path.join(player.folder, "hold")))
        return {"id": name, "processing_status": "ended" if ended else "in_progress",
                "status": ("cancelled" if batch.get("cancelled") else "completed") if ended else "in_progress",
                "output_file_id": ended and batch.get("output_file_id") or None, "error_file_id": ended and batch.get("error_file_id") or None}
