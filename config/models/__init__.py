"""Accounts, and the tokens that programs come in with. One noun a file."""

from config.models.api_token import ApiToken
from config.models.user import User

__all__ = ["ApiToken", "User"]
