"""What the web process loads: it names models and checks options, but calls nobody."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from django.conf import settings
backends = {
    "openai": "providers.openai.OpenAIProvider",
    "anthropic": "providers.anthropic.AnthropicProvider",
    "gemini": "providers.gemini.GeminiProvider",
}
settings.configure(
    LLM_PROVIDERS={alias: {"backend": path, "api_key": "k", "base_url": ""} for alias, path in backends.items()},
    MODELS_ALLOWED=[], DEFAULT_MODEL="", LLM_CONNECT_TIMEOUT=5, LLM_CHUNK_TIMEOUT=60, USE_I18N=False,
)
from providers import registry
for alias in backends:
    registry.get(alias)
    registry.check_options(alias, {"max_tokens": 5})
print(sorted({"openai", "anthropic", "google.genai"} & set(sys.modules)))
registry.warm_up()
print(sorted({"openai", "anthropic", "google.genai"} & set(sys.modules)))
"""


def test_no_sdk_is_imported_before_a_worker_warms_up():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout.splitlines() == ["[]", "['anthropic', 'google.genai', 'openai']"]
