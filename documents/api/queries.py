"""What stands in a query."""

from __future__ import annotations

import re
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from prompts.api.routing import RequestIdConverter

NUMBER = re.compile(r"[0-9]{1,9}")


def whole_number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    """The parameter's number. Raises ValidationError on its name."""
    text = request.query_params.get(name)
    if text is None:
        return default
    if not NUMBER.fullmatch(text) or not least <= int(text) <= most:
        problem = _("Write a whole number from %(least)d to %(most)d.") % {"least": least, "most": most}
        raise ValidationError({name: [problem]})
    return int(text)


def identifier(request: Request, name: str) -> UUID:
    """The parameter's id. Raises ValidationError on its name."""
    text = request.query_params.get(name, "")
    if not re.fullmatch(RequestIdConverter.regex, text):
        raise ValidationError({name: [_("Write the id of a batch.")]})
    return UUID(text)


def number_parameter(name: str, text: str, *, default: int, least: int, most: int) -> OpenApiParameter:
    """What the schema says of such a number."""
    schema = {"type": "integer", "minimum": least, "maximum": most, "default": default}
    return OpenApiParameter(name, schema, description=text)
