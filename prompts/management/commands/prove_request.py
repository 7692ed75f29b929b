"""`manage.py prove_request`: show that a request and its answer are as they were."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit import keys
from audit.verifier import keyring
from prompts import proofs
from prompts.exceptions import NotFound
from prompts.management.people import REFUSED, refuse
from prompts.services import proving
from prompts.services.proving import NotSealed, SealBroken

NOT_PROVEN = 1
NOT_FOUND = REFUSED
NOT_SEALED = 3
UNSIGNED = (
    "Not proven yet: all of it fits, but no signed checkpoint covers it. A running worker signs one every minute."
)
MAX_PROOF_BYTES = 64 * 1024 * 1024


class Command(BaseCommand):
    help = (
        "Prove from the audit log that a request, its version and its answer are as they were sealed, and print the "
        "proof as JSON. Exit code: 0 proven, 1 something differs, 2 no such request, 3 not sealed or signed yet. "
        "A proof shows nobody else's data and no text: only hashes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("request", nargs="?", help="id of the request")
        what.add_argument("--check", metavar="FILE", help="check a proof that was printed before, without the rows")
        parser.add_argument("--out", metavar="FILE", help="write the proof there instead of to standard output")
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="KEY",
            help="believe checkpoints of this key (base64) instead of this installation's; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        trusted = _trusted(options["public_key"])
        proof = _read(options["check"]) if options["check"] else _prove(options["request"])
        if not options["check"]:
            self._put(json.dumps(proof, indent=2, ensure_ascii=False), options["out"])
        found = proofs.faults(proof, trusted=trusted)
        if found and not options["check"] and proving.changed_template(proof):
            found.append("It is the template of the version that was changed.")
        if found:
            raise CommandError("Not proven. " + " ".join(found), returncode=NOT_PROVEN)
        if not proofs.is_signed(proof):
            raise CommandError(UNSIGNED, returncode=NOT_SEALED)
        self.stderr.write(_summary(proof))

    def _put(self, proof: str, path: str | None) -> None:
        if path is None:
            self.stdout.write(proof)
            return
        try:
            Path(path).write_text(f"{proof}\n", "utf-8")
        except OSError as error:
            refuse(f"{path} can't be written: {error.strerror}.")


def _prove(text: str) -> dict[str, Any]:
    try:
        return proving.prove(UUID(text))
    except ValueError:
        refuse(f"{text!r} is no id of a request.")
    except NotFound as error:
        raise CommandError(str(error), returncode=NOT_FOUND) from error
    except NotSealed as error:
        raise CommandError(str(error), returncode=NOT_SEALED) from error
    except SealBroken as error:
        raise CommandError(f"Not proven. {error}", returncode=NOT_PROVEN) from error


def _read(path: str) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_PROOF_BYTES)
        proof = json.loads(data)
    except OSError as error:
        refuse(f"{path} can't be read: {error.strerror}.")
    except (ValueError, RecursionError):
        refuse(f"{path} holds no JSON.")
    if not isinstance(proof, dict):
        refuse(f"{path} holds no proof.")
    return proof


def _trusted(public_keys: list[str]) -> proofs.Keys:
    try:
        return keyring(public_keys) if public_keys else keys.trusted_keys()
    except ValueError:
        refuse("--public-key takes 32 bytes in base64.")


def _summary(proof: dict[str, Any]) -> str:
    left = "" if proof["salt"] else " but for its texts, which were erased and left their salted hashes"
    return (
        f"Proven: request {proof['request_id']} is as it was sealed{left}, by audit entry {proof['entry']['id']}, "
        f"which is link {proof['link']['seq']} under the signed checkpoint of {proof['checkpoint']['size']} links."
    )
