"""What a model may be called. Knows no settings: they are checked by it while they are read."""

from __future__ import annotations

import re

#: Characters of `provider/model`: what a row has room for.
LONGEST_NAME = 200
#: A model's name becomes part of an address at some vendors: nothing that could bend it.
MODEL_NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._:@+~/-]*")


def is_usable(alias: str, name: str) -> bool:
    """Whether a provider of that alias can be asked for a model of that name, as far as both can be told by form."""
    return len(f"{alias}/{name}") <= LONGEST_NAME and MODEL_NAME.fullmatch(name) is not None
