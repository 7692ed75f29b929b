"""The pages of the staff: display, and one service call an action."""

from prompts.admin.prompt_request import PromptRequestAdmin
from prompts.admin.prompt_response import PromptResponseAdmin
from prompts.admin.prompt_type import PromptTypeAdmin
from prompts.admin.prompt_version import PromptVersionAdmin

__all__ = ["PromptRequestAdmin", "PromptResponseAdmin", "PromptTypeAdmin", "PromptVersionAdmin"]
