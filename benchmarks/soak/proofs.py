"""Proves answers from the rows as they are, in a process of its own: prints as JSON what does not hold.

python -m benchmarks.soak.proofs NUMBER
"""

from __future__ import annotations

import json
import sys


def broken_proofs(number: int) -> list[str]:
    """Of so many answers, from the oldest to the newest, those whose proof fails or is not signed yet."""
    from audit import keys
    from prompts import proofs
    from prompts.models import PromptResponse
    from prompts.services import proving

    trusted = keys.trusted_keys()
    answered = list(PromptResponse.objects.order_by("created_at").values_list("prompt_id", flat=True))
    broken = []
    for request_id in answered[:: max(len(answered) // number, 1)]:
        proof = proving.prove(request_id)
        found = proofs.faults(proof, trusted=trusted)
        broken += [f"{request_id}: {fault}" for fault in found]
        broken += [] if proofs.is_signed(proof) else [f"{request_id}: not signed"]
    return broken


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(broken_proofs(int(sys.argv[1]))))
