"""A proof that was changed anywhere is no proof, and whatever is no proof is told as a fault."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit import chain, checkpoints, keys
from prompts import proofs
from prompts.services import proving, sealing
from prompts.tests.fuzzing import fuzzed
from prompts.tests.services.sealed import answered

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just("00" * 32), st.just("zz")),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=8,
)
Path = list[str | int]


@pytest.fixture
def proof(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Of one of five sealed answers, up to a signed checkpoint."""
    monkeypatch.setattr(sealing, "LAG_SECONDS", 0)
    requests = answered(5)
    sealing.seal_answers()
    while chain.link_waiting():
        pass
    checkpoints.write_due(at_once=True)
    return proving.prove(requests[1].pk)


def places(value: Any, path: Path | None = None) -> list[Path]:
    """Where something stands that could be changed."""
    path = path or []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [*([path] if path else []), *(place for name, each in inner for place in places(each, [*path, name]))]


def put(proof: dict[str, Any], path: Path, value: Any) -> Any:
    """What stood there."""
    holder: Any = proof
    for name in path[:-1]:
        holder = holder[name]
    before, holder[path[-1]] = holder[path[-1]], value
    return before


@given(data=st.data())
@fuzzed(150)
def test_a_change_anywhere_proves_nothing(proof: dict[str, Any], data: st.DataObject) -> None:
    trusted = keys.trusted_keys()
    assert proofs.faults(proof, trusted=trusted) == []
    changed = copy.deepcopy(proof)
    path = data.draw(st.sampled_from(places(proof)))
    value = data.draw(JSON)
    if put(changed, path, value) != value and not unproven(path):
        assert proofs.faults(changed, trusted=trusted) or not proofs.is_signed(changed)


@pytest.mark.parametrize("empty", [{}, ""])
def test_what_is_no_list_is_no_empty_list_of_hashes(proof: dict[str, Any], empty: Any) -> None:
    assert proof["checkpoint"]["content_hashes_between"] == []
    proof["checkpoint"]["content_hashes_between"] = empty
    assert proofs.faults(proof, trusted=keys.trusted_keys())


def unproven(path: Path) -> bool:
    """What stands in a proof for its reader and is not what it proves."""
    return path[0] in {"salt", "template", "version", "texts_erased_at"} or path[-1] in {"at", "key_id"}


@given(
    st.dictionaries(
        st.sampled_from(["format", "facts", "leaf", "path", "root", "index", "size", "entry", "link"]), JSON
    )
)
@fuzzed(100)
def test_what_is_no_proof_is_told_as_a_fault(made_up: dict[str, Any]) -> None:
    assert proofs.faults(made_up, trusted={})
