"""A model that is played from a folder, for tests of the translator `llm`.

The folder has play.json: a list of rows {"when": text, "steps": [step, …]}. The first row whose text stands in the newest request
(the last user message, or the one before an answer that is sent back) is taken, and of it the next step at each call; the last one
stays. Without a row the model says that it can translate nothing.

A step is one of
    {"file": "good.md"}             an answer from the folder
    {"text": "…"}                   the same, given here
    {"status": 429, "message": "…", "code": "…", "headers": {…}}
    {"stop": "length"|"refusal"|"content_filter"|"pause", "text": "…"}
    {"fault": "cut"|"invalid"|"huge"|"no_usage"|"error_event"|"hang"|"echo_key"}

Each call is written to calls.jsonl: the row, the step, the body (no headers: a key has no business there).
"""
import fcntl
import json
import os

NOTHING = {"text": "None of these functions can be translated exactly."}


class Player:
    def __init__(self, folder):
        self.folder = folder

    def next_step(self, messages, body):
        with open(os.path.join(self.folder, "lock"), "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with open(os.path.join(self.folder, "play.json")) as file:
                rows = json.load(file)
            users = "\n".join(text for role, text in messages if role == "user")
            step, name = NOTHING, None
            for row in rows:
                if row["when"] in users:
                    name = row["when"]
                    path = os.path.join(self.folder, "count-%d" % rows.index(row))
                    count = int(open(path).read()) if os.path.exists(path) else 0
                    with open(path, "w") as file:
                        file.write(str(count + 1))
                    step = row["steps"][min(count, len(row["steps"]) - 1)]
                    break
            with open(os.path.join(self.folder, "calls.jsonl"), "a") as file:
                file.write(json.dumps({"when": name, "step": step, "body": body}) + "\n")
        if "file" in step:
            with open(os.path.join(self.folder, step["file"])) as file:
                step = dict(step, text=file.read())
        return step


def texts(body):
    """(role, text) of the messages of both dialects."""
    out = []
    for message in body.get("messages", []):
        content = message.get("content") or ""
        if isinstance(content, list):
            content = "\n\n".join(part.get("text", "") for part in content)
        out.append((message["role"], content))
    return out


def usage_of(messages, text):
    return sum(len(content) for _, content in messages) // 4 + 1, len(text) // 4 + 1


def pieces(text, size=200):
    return [text[at:at + size] for at in range(0, len(text), size)]
