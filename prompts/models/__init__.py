"""One noun a file."""

from prompts.models.idempotency_key import IdempotencyKey
from prompts.models.prompt_attempt import PromptAttempt
from prompts.models.prompt_request import PromptRequest
from prompts.models.prompt_response import PromptResponse
from prompts.models.prompt_seal import PromptSeal
from prompts.models.prompt_type import PromptType
from prompts.models.prompt_version import PromptVersion
from prompts.models.request_stat import RequestStat
from prompts.models.retention_progress import RetentionProgress
from prompts.models.worker_sign import WorkerSign

__all__ = [
    "IdempotencyKey",
    "PromptAttempt",
    "PromptRequest",
    "PromptResponse",
    "PromptSeal",
    "PromptType",
    "PromptVersion",
    "RequestStat",
    "RetentionProgress",
    "WorkerSign",
]
