"""Trees and proofs, against the definition in RFC 9162, section 2.1.1."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from audit import merkle

LEAVES = [merkle.leaf_hash(bytes([number])) for number in range(71)]
SIZES = st.integers(1, 70)


def defined_root(leaves: list[bytes]) -> bytes:
    """As the RFC writes it: split at the largest power of two below the size."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return merkle.node_hash(defined_root(leaves[:split]), defined_root(leaves[split:]))


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert merkle.root([]) == hashlib.sha256(b"").digest()


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert merkle.leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()
    assert merkle.node_hash(b"x", b"y") == hashlib.sha256(b"\x01xy").digest()


@pytest.mark.parametrize("size", range(1, 71))
def test_the_root_is_the_one_of_the_definition(size: int) -> None:
    assert merkle.root(LEAVES[:size]) == defined_root(LEAVES[:size])


@pytest.mark.parametrize("size", range(1, 71))
def test_every_leaf_of_every_tree_can_be_proved(size: int) -> None:
    leaves = LEAVES[:size]
    root = merkle.root(leaves)
    for index, leaf in enumerate(leaves):
        assert merkle.is_included(leaf, index, size, merkle.inclusion_path(leaves, index), root)


@pytest.mark.parametrize("size", range(1, 71))
def test_a_proof_is_no_longer_than_the_tree_is_high(size: int) -> None:
    paths = [merkle.inclusion_path(LEAVES[:size], index) for index in range(size)]
    assert max(map(len, paths)) == (size - 1).bit_length()


@given(SIZES, st.data())
def test_a_changed_leaf_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(LEAVES[:size], index)
    other = data.draw(st.binary(min_size=32, max_size=32).filter(lambda leaf: leaf != LEAVES[index]))
    assert not merkle.is_included(other, index, size, path, merkle.root(LEAVES[:size]))


@given(SIZES, st.data())
def test_another_index_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(LEAVES[:size], index)
    other = data.draw(st.integers(-2, size + 2).filter(lambda given: given != index))
    assert not merkle.is_included(LEAVES[index], other, size, path, merkle.root(LEAVES[:size]))


@given(SIZES, st.data())
def test_a_changed_path_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(LEAVES[:size], index)
    root = merkle.root(LEAVES[:size])
    shorter = [path[:cut] for cut in range(len(path))]
    swapped = [[*path[:at], path[at + 1], path[at], *path[at + 2 :]] for at in range(len(path) - 1)]
    flipped = [[*path[:at], bytes(32), *path[at + 1 :]] for at in range(len(path))]
    for wrong in [*shorter, *swapped, *flipped, [*path, bytes(32)], [bytes(32), *path]]:
        assert not merkle.is_included(LEAVES[index], index, size, wrong, root)


@given(SIZES, SIZES, st.data())
def test_a_size_that_asks_for_another_path_is_refused(size: int, other: int, data: st.DataObject) -> None:
    """The size is no secret of the root's: it must be taken from where the root stands."""
    index = data.draw(st.integers(0, size - 1))
    assume(index < other and _shape(index, size) != _shape(index, other))
    path = merkle.inclusion_path(LEAVES[:size], index)
    assert not merkle.is_included(LEAVES[index], index, other, path, merkle.root(LEAVES[:size]))


def _shape(index: int, size: int) -> list[bool]:
    """On which side of it each sibling on the way up stands."""
    sides = []
    while size > 1:
        if index ^ 1 < size:
            sides.append(index % 2 == 1)
        index, size = index // 2, (size + 1) // 2
    return sides


@pytest.mark.parametrize(("size", "index"), [(0, 0), (1, 1), (5, 5), (5, -1)])
def test_there_is_no_proof_of_a_leaf_that_does_not_exist(size: int, index: int) -> None:
    with pytest.raises(IndexError):
        merkle.inclusion_path(LEAVES[:size], index)
