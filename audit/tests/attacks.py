"""What the owner of a database may do to the log, and how each of it is found: exit code and words.

Each works on a log of ten entries in two rounds, each round with a checkpoint of its own. `{4}` stands for the id of
the entry that was sealed as number 4.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.tests.factories import append, entry_at, relink, sql
from audit.verifier import Checkpoint, key_id

TABLES = ("audit_logs", "audit_unsealed", "audit_links", "audit_checkpoints")


def edit_content() -> None:
    sql(
        """UPDATE audit_logs SET content = replace(content, '"position":3', '"position":33') WHERE id = %s""",
        entry_at(4),
    )


def edit_content_and_its_hash() -> None:
    edit_content()
    sql("UPDATE audit_logs SET content_hash = sha256(convert_to(content, 'UTF8')) WHERE id = %s", entry_at(4))


def edit_column() -> None:
    sql("UPDATE audit_logs SET action = 'test.undone', actor_label = 'eve' WHERE id = %s", entry_at(4))


def edit_time() -> None:
    sql("UPDATE audit_logs SET at = 'infinity' WHERE id = %s", entry_at(4))


def delete_entry() -> None:
    sql("DELETE FROM audit_logs WHERE id = %s", entry_at(4))


def delete_link() -> None:
    sql("DELETE FROM audit_links WHERE seq = 4")


def delete_entry_and_link() -> None:
    delete_entry()
    delete_link()


def delete_first_entry_and_link() -> None:
    sql("DELETE FROM audit_logs WHERE id = %s", entry_at(1))
    sql("DELETE FROM audit_links WHERE seq = 1")


def delete_and_close_the_gap() -> None:
    delete_entry_and_link()
    sql("UPDATE audit_links SET seq = -seq WHERE seq > 4")
    sql("UPDATE audit_links SET seq = -seq - 1 WHERE seq < 0")


def delete_tail() -> None:
    sql("DELETE FROM audit_logs WHERE id IN (SELECT entry_id FROM audit_links WHERE seq > 7)")
    sql("DELETE FROM audit_links WHERE seq > 7")


def delete_tail_with_its_checkpoints() -> None:
    delete_tail()
    sql("DELETE FROM audit_checkpoints WHERE size > 7")


def delete_everything() -> None:
    for table in TABLES:
        sql(f"DELETE FROM {table}")


def delete_checkpoints() -> None:
    sql("DELETE FROM audit_checkpoints WHERE size = 5")


def swap_entries() -> None:
    third, fourth = entry_at(3), entry_at(4)
    sql("UPDATE audit_links SET entry_id = gen_random_uuid() WHERE seq = 3")
    sql("UPDATE audit_links SET entry_id = %s WHERE seq = 4", third)
    sql("UPDATE audit_links SET entry_id = %s WHERE seq = 3", fourth)


def swap_contents() -> None:
    sql(
        "UPDATE audit_logs SET content = other.content, content_hash = other.content_hash FROM audit_logs other"
        " WHERE audit_logs.id = %s AND other.id = %s",
        entry_at(4),
        entry_at(5),
    )


def insert_entry() -> None:
    sql("CREATE TEMPORARY TABLE forged AS SELECT * FROM audit_logs WHERE id = %s", entry_at(4))
    sql("UPDATE forged SET id = '00000000-0000-7000-8000-000000000000'")
    sql("INSERT INTO audit_logs SELECT * FROM forged")
    sql("DROP TABLE forged")


def insert_link(seq: int) -> None:
    insert_entry()
    sql(
        "INSERT INTO audit_links (seq, entry_id, prev_hash, hash, sealed_at) SELECT %s,"
        " '00000000-0000-7000-8000-000000000000', prev_hash, hash, sealed_at FROM audit_links WHERE seq = 4",
        seq,
    )


def insert_link_at_the_end() -> None:
    insert_link(11)


def insert_link_before_the_first() -> None:
    insert_link(-1)


def insert_entry_into_a_rewritten_chain() -> None:
    entry = append().pk
    sql("DELETE FROM audit_unsealed")
    sql("UPDATE audit_links SET seq = -seq WHERE seq > 4")
    sql("UPDATE audit_links SET seq = -seq + 1 WHERE seq < 0")
    sql("INSERT INTO audit_links (seq, entry_id, prev_hash, hash, sealed_at) VALUES (5, %s, '', '', now())", entry)
    relink(4)


def rewrite_chain() -> None:
    edit_content_and_its_hash()
    relink(4)


def rewrite_chain_and_delete_checkpoints() -> None:
    rewrite_chain()
    sql("DELETE FROM audit_checkpoints")


def break_signature() -> None:
    sql("UPDATE audit_checkpoints SET at = at - interval '1 day' WHERE size = 5")


def forge_checkpoint() -> None:
    """A rewritten chain, signed with a key of one's own."""
    rewrite_chain()
    key = Ed25519PrivateKey.generate()
    name = key_id(key.public_key().public_bytes_raw())
    for number, size, at in sql("SELECT id, size, at::text FROM audit_checkpoints"):
        head = bytes(sql("SELECT hash FROM audit_links WHERE seq = %s", size)[0][0])
        signature = key.sign(Checkpoint(size, head, at, name, b"").statement)
        sql(
            "UPDATE audit_checkpoints SET head = %s, key_id = %s, signature = %s WHERE id = %s",
            head,
            name,
            signature,
            number,
        )


def forge_time_of_checkpoint() -> None:
    sql("UPDATE audit_checkpoints SET at = 'infinity' WHERE size = 5")


ATTACKS: dict[Callable[[], None], tuple[int, str]] = {
    edit_content: (1, r"seq 4 \(entry {4}\) has another content than its hash says"),
    edit_content_and_its_hash: (1, r"seq 4 \(entry {4}\) is not what was sealed here"),
    edit_column: (1, r"seq 4 \(entry {4}\) has columns that differ from its content: action, actor_label$"),
    edit_time: (1, r"seq 4 \(entry {4}\) has columns that differ from its content: at$"),
    delete_entry: (1, r"seq 4 \(entry {4}\) is gone, only its link is left"),
    delete_link: (1, r"entry {4} has no place in the chain"),
    delete_entry_and_link: (1, r"seq 5 \(entry {5}\) follows seq 3"),
    delete_first_entry_and_link: (1, r"seq 2 \(entry {2}\) follows seq 0"),
    delete_and_close_the_gap: (1, r"seq 4 \(entry {5}\) doesn't continue the link before"),
    delete_tail: (2, r"checkpoint \d+ of the table tells 10 links, but the chain .* ends at seq 7"),
    delete_tail_with_its_checkpoints: (2, r"line 2 of the file tells 10 links, but the chain .* ends at seq 7"),
    delete_everything: (2, r"line 2 of the file tells 10 links, but the chain .* ends at seq 0"),
    delete_checkpoints: (2, r"line 1 of the file \(of 5 links\) is no longer among the checkpoints of the log"),
    swap_entries: (1, r"seq 3 \(entry {4}\) is not what was sealed here"),
    swap_contents: (1, r"seq 4 \(entry {4}\) is not what was sealed here"),
    insert_entry: (1, r"entry 00000000-0000-7000-8000-000000000000 has no place in the chain"),
    insert_link_at_the_end: (1, r"seq 11 \(entry 00000000-\S+ doesn't continue the link before"),
    insert_link_before_the_first: (1, r"seq -1 \(entry 00000000-\S+ follows seq 0"),
    insert_entry_into_a_rewritten_chain: (2, r"checkpoint \d+ of the table tells another link at seq 5"),
    rewrite_chain: (2, r"checkpoint \d+ of the table tells another link at seq 5"),
    rewrite_chain_and_delete_checkpoints: (2, r"line 1 of the file tells another link at seq 5"),
    break_signature: (2, r"checkpoint \d+ of the table has a wrong signature"),
    forge_checkpoint: (2, r"checkpoint \d+ of the table is signed with a key that is not trusted"),
    forge_time_of_checkpoint: (2, r"checkpoint \d+ of the table has a wrong signature"),
}
