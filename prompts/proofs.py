"""Checking a proof of a sealed request, from the proof alone (docs/decisions/0012-sealed-requests.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from audit import merkle
from audit.models import content_hash
from audit.verifier import Checkpoint, link_hash
from prompts.sealed_facts import leaf_of

FORMAT = "ai-prompt-manager request proof 1"
#: A proof that was kept from before still proves it.
GONE = "The request is gone, and its salt was erased before, as it is for requests past their time or of erased people."
Keys = Mapping[str, Ed25519PublicKey]


def faults(proof: dict[str, Any], *, trusted: Keys) -> list[str]:
    """Why the proof doesn't prove what it says; empty where it does. `trusted` are the keys that are believed.

    What is not in the log's chain yet, or not under a checkpoint, is no fault, but proves nothing either: see
    `is_signed`. What is no proof at all is a fault.
    """
    try:
        return [*_of_facts(proof), *_of_tree(proof), *_of_entry(proof), *_of_chain(proof, trusted)]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError) as error:
        return [f"This is no proof, or a part of it is missing ({type(error).__name__}: {str(error)[:200]})."]


def faults_by_step(proof: dict[str, Any], *, trusted: Keys) -> dict[str, list[str]]:
    """The faults of a proof that `proving.prove` has made, by where they are: facts, seal, entry and chain."""
    return {
        "facts": [*_of_facts(proof)],
        "seal": [*_of_tree(proof)],
        "entry": [*_of_entry(proof)],
        "chain": [*_of_chain(proof, trusted)],
    }


def is_signed(proof: dict[str, Any]) -> bool:
    """Whether the proof leads up to a signature. Without one, anybody could have written it."""
    return proof["link"] is not None and proof["checkpoint"] is not None


def _of_facts(proof: dict[str, Any]) -> Iterator[str]:
    if proof["format"] != FORMAT:
        yield f"This is not in the format “{FORMAT}”."
    facts = proof["facts"]
    if facts is None:
        yield GONE if proof.get("salt") is None else "The request or its answer is gone."
    elif facts["request_id"] != proof["request_id"]:
        yield "The facts are of another request."
    elif leaf_of(facts) != bytes.fromhex(proof["leaf"]):
        yield "The request, its version or its answer is not as it was when it was sealed."


def _of_tree(proof: dict[str, Any]) -> Iterator[str]:
    path = _hashes(proof["path"])
    leaf, root = bytes.fromhex(proof["leaf"]), bytes.fromhex(proof["root"])
    if not merkle.is_included(leaf, proof["index"], proof["size"], path, root):
        yield "The leaf is not under the seal's root: the seal was changed."


def _of_entry(proof: dict[str, Any]) -> Iterator[str]:
    if proof["entry"] is None:
        yield "The audit entry of the seal is gone."
        return
    content = json.loads(proof["entry"]["content"])
    told = (content["id"], content["action"], content["details"]["root"], content["details"]["size"])
    if told != (proof["entry"]["id"], "requests.sealed", proof["root"], proof["size"]):
        yield "The audit entry tells of another seal."


def _of_chain(proof: dict[str, Any], trusted: Keys) -> Iterator[str]:
    link, checkpoint = proof["link"], proof["checkpoint"]
    if link is None or proof["entry"] is None:
        return
    head = link_hash(link["seq"], bytes.fromhex(link["prev_hash"]), content_hash(proof["entry"]["content"]))
    if head != bytes.fromhex(link["hash"]):
        yield f"The audit entry is not what was linked at seq {link['seq']}."
    if checkpoint is None:
        return
    between = _hashes(checkpoint["content_hashes_between"])
    for seq, item in enumerate(between, start=link["seq"] + 1):
        head = link_hash(seq, head, item)
    signed = Checkpoint.from_dict(checkpoint)
    if (signed.size, signed.head) != (link["seq"] + len(between), head):
        yield f"The chain doesn't lead to the checkpoint of {signed.size} links."
    if fault := signed.fault(trusted):
        yield f"The checkpoint {fault}."


def _hashes(values: Any) -> list[bytes]:
    """Of a list of hexadecimal ones; an empty object or text is no empty list. Raises TypeError and ValueError."""
    if not isinstance(values, list):
        raise TypeError(f"hashes have to be a list, not {type(values).__name__}")
    return [bytes.fromhex(value) for value in values]
