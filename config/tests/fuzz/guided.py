"""`python -m config.tests.fuzz.guided NAME [OPTIONS OF LIBFUZZER]`: one property, led by what its examples cover.

Needs Atheris, which is no requirement of the project: it is there for some versions of Python only.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import django

#: Properties of pure readers, by name.
PROPERTIES = {
    "templates": "prompts.tests.test_rendering_fuzz:test_a_text_is_a_template_or_refused_where_its_braces_are",
    "answers": "prompts.tests.test_answers_fuzz:test_any_text_is_an_object_that_can_be_stored_or_none",
    "markdown": "prompts.tests.test_markdown_fuzz:test_nothing_that_could_act_is_made_of_any_text",
    "transfer": "prompts.tests.test_transfer_fuzz:test_any_bytes_are_a_file_or_refused_on_their_field",
    "proofs": "prompts.tests.test_proofs_fuzz:test_what_is_no_proof_is_told_as_a_fault",
}
#: Where new ways are looked for.
INSTRUMENTED = [
    "prompts.rendering",
    "prompts.answers",
    "prompts.broken_json",
    "prompts.markdown",
    "prompts.plain_yaml",
    "prompts.transfer_format",
    "prompts.proofs",
]


def main(name: str) -> None:
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    django.setup()
    with atheris.instrument_imports(include=INSTRUMENTED):
        for module in INSTRUMENTED:
            sys.modules.pop(module, None)
            importlib.import_module(module)
    module, _, function = PROPERTIES[name].partition(":")
    test: Any = getattr(importlib.import_module(module), function)
    atheris.Setup([sys.argv[0], *sys.argv[2:]], test.hypothesis.fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:] == ["--list"]:
        print(*PROPERTIES)
    else:
        main(sys.argv[1])
