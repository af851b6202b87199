"""A custom handler for litellm's proxy: the model of llm_player.py, in the folder $LLM_FOLDER."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import litellm  # noqa: E402
from litellm import CustomLLM  # noqa: E402
from litellm.llms.custom_llm import CustomLLMError  # noqa: E402

from llm_player import Player, pieces, texts, usage_of  # noqa: E402

player = Player(os.environ["LLM_FOLDER"])


class Handler(CustomLLM):
    async def astreaming(self, *args, **kwargs):
        messages = texts({"messages": kwargs["messages"]})
        step = player.next_step(messages, {"messages": kwargs["messages"], "model": kwargs["model"]})
        if "status" in step:
            raise CustomLLMError(status_code=step["status"], message=step.get("message", "no"))
        text = step.get("text", "")
        prompt, output = usage_of(messages, text)
        for piece in pieces(text):
            yield {"text": piece, "is_finished": False, "finish_reason": "", "index": 0, "tool_use": None, "usage": None}
        reason = {"length": "length", "content_filter": "content_filter"}.get(step.get("stop"), "stop")
        yield {"text": "", "is_finished": True, "finish_reason": reason, "index": 0, "tool_use": None,
               "usage": {"prompt_tokens": prompt, "completion_tokens": output, "total_tokens": prompt + output}}

    async def acompletion(self, *args, **kwargs):
        raise CustomLLMError(status_code=400, message="only streams are played here")


handler = Handler()
litellm.suppress_debug_info = True
