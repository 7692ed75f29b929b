"""The services' names of what is at fault, as bodies of this API spell them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from prompts.exceptions import InvalidInput


@contextmanager
def as_sent() -> Iterator[None]:
    """Have an InvalidInput from inside name `promptType` where the services say `prompt_type`."""
    try:
        yield
    except InvalidInput as error:
        error.errors = {_camel_case(name): texts for name, texts in error.errors.items()}
        raise


def _camel_case(name: str) -> str:
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)
