"""Tamper-evident, append-only tables: rows are chained by hash when they are written and sealed together every minute.

A row of such a table belongs to a chain (an order's number, for example), takes the next position in it, and stores the hash of
the row before it. A PostgreSQL trigger does this, so no code path can bypass it, and another trigger refuses UPDATE and DELETE.
Someone who disables the triggers and edits a row breaks its hash; someone who also recomputes the rest of the chain breaks the
seal over it. The seals form a chain of their own. A copy of the latest seal's hash outside the database (the worker logs it)
proves everything before it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import OperationalError, connection, transaction

log = logging.getLogger("noirel.history")

LOCK_WAIT_MS = 2_000

# Shared by the triggers of every history. Parts are prefixed with their length, so different lists never hash the same text.
FUNCTIONS = """
CREATE FUNCTION noirel_hash(VARIADIC parts text[]) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to(string_agg(coalesce(length(part) || ':' || part, '-'), ',' ORDER BY n), 'UTF8')), 'hex')
    FROM unnest(parts) WITH ORDINALITY AS t(part, n)
$$;
CREATE FUNCTION noirel_instant(at timestamptz) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (extract(epoch FROM at) * 1000000)::bigint::text
$$;
CREATE FUNCTION noirel_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never edited: rows are only added', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""
NO_FUNCTIONS = (
    "DROP FUNCTION noirel_append_only(); DROP FUNCTION noirel_instant(timestamptz); DROP FUNCTION noirel_hash(VARIADIC text[]);"
)


@dataclass(frozen=True)
class History:
    """A chained table.

    number: the name of its ever-increasing column.
    chain: the name of the column that identifies the chain.
    """

    name: str
    table: str
    number: str
    chain: str


@dataclass(frozen=True)
class Broken:
    """A row or a seal that no longer matches its hash. row: the row's number, or the seal's position."""

    history: str
    what: str
    row: int
    chain: str


def append_only_sql(table: str) -> str:
    """SQL for the trigger that refuses UPDATE and DELETE on a table."""
    return (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION noirel_append_only();"
    )


# For rows of which some columns are immutable and others change.
FROZEN = """
CREATE FUNCTION noirel_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is frozen as it was written', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;
"""
NO_FROZEN = "DROP FUNCTION noirel_frozen();"


def frozen_sql(table: str, columns: Sequence[str]) -> str:
    """SQL for the triggers that refuse to change these columns of a row or to delete it. Requires FROZEN."""
    was, is_ = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return (
        f"CREATE TRIGGER frozen BEFORE UPDATE ON {table} FOR EACH ROW WHEN (({was}) IS DISTINCT FROM ({is_}))"
        f" EXECUTE FUNCTION noirel_frozen();"
        f"CREATE TRIGGER frozen_whole BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION noirel_frozen();"
    )


def thawed_sql(table: str) -> str:
    """SQL that reverses `frozen_sql`."""
    return f"DROP TRIGGER frozen ON {table}; DROP TRIGGER frozen_whole ON {table};"


def chain_sql(history: History, parts: Sequence[str]) -> str:
    """SQL for a migration that chains the existing rows of a table and every row inserted later.

    The table must have the columns `position`, `prev_hash` and `hash`.

    parts: SQL text expressions over the row `r` that are hashed besides the chain, the position and the previous hash.

    An advisory lock serialises the writers of one chain. The unique constraint on (chain, position) is a second safeguard.
    """
    table, chain = history.table, history.chain
    hashed = ", ".join(["r.prev_hash", f"r.{chain}::text", "r.position::text", *parts])
    return f"""
CREATE FUNCTION {table}_hash(r {table}) RETURNS text LANGUAGE sql STABLE AS $$ SELECT noirel_hash({hashed}) $$;
CREATE FUNCTION {table}_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('{table}:' || NEW.{chain}, 0));
    SELECT position, hash INTO last FROM {table} WHERE {chain} = NEW.{chain} ORDER BY position DESC LIMIT 1;
    NEW.position := coalesce(last.position, 0) + 1;
    NEW.prev_hash := coalesce(last.hash, '');
    NEW.hash := {table}_hash(NEW);
    RETURN NEW;
END
$$;
DO $$
DECLARE one {table}; last record;
BEGIN
    FOR one IN SELECT * FROM {table} ORDER BY {history.number} LOOP
        SELECT position, hash INTO last FROM {table}
            WHERE {chain} = one.{chain} AND hash <> '' ORDER BY position DESC LIMIT 1;
        one.position := coalesce(last.position, 0) + 1;
        one.prev_hash := coalesce(last.hash, '');
        UPDATE {table} SET position = one.position, prev_hash = one.prev_hash, hash = {table}_hash(one)
            WHERE {history.number} = one.{history.number};
    END LOOP;
END
$$;
CREATE TRIGGER chain BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_chain();
{append_only_sql(table)}
"""


def unchain_sql(history: History) -> str:
    """SQL that reverses `chain_sql`."""
    table = history.table
    return f"""
DROP TRIGGER append_only ON {table};
DROP TRIGGER chain ON {table};
DROP FUNCTION {table}_chain();
DROP FUNCTION {table}_hash({table});
"""


def broken_links(history: History) -> list[Broken]:
    """Return the rows whose content, position or predecessor differs from what was hashed when they were written."""
    number, chain = history.number, history.chain
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH r AS (SELECT t.{number} AS number, t.{chain}::text AS chain, t.hash, t.prev_hash, t.position,"
            f" {history.table}_hash(t) AS again, lag(t.hash) OVER chain AS before, lag(t.position) OVER chain AS place"
            f" FROM {history.table} t WINDOW chain AS (PARTITION BY t.{chain} ORDER BY t.position, t.{number}))"
            " SELECT number, chain, CASE WHEN hash <> again THEN 'edited' ELSE 'out of its chain' END FROM r"
            " WHERE hash <> again OR prev_hash <> coalesce(before, '') OR position <> coalesce(place, 0) + 1 ORDER BY number"
        )
        return [Broken(history.name, what, row, chain) for row, chain, what in cursor.fetchall()]


_DIGEST = "encode(sha256(convert_to(coalesce(string_agg(hash, '' ORDER BY {number}), ''), 'UTF8')), 'hex')"


def seal(history: History) -> int:
    """Seal all rows written since the last seal and return how many there were.

    Takes a SHARE lock on the table for a moment, because a transaction in progress may hold a row number that is not visible
    yet. If the lock is not granted within LOCK_WAIT_MS, nothing is sealed and 0 is returned; the job runs again next minute.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"seal:{history.name}"])
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{LOCK_WAIT_MS}ms"])
            cursor.execute(f"LOCK TABLE {history.table} IN SHARE MODE")
            cursor.execute(
                "SELECT position, last_number, hash FROM core_seal WHERE history = %s ORDER BY position DESC LIMIT 1",
                [history.name],
            )
            position, after, prev_hash = cursor.fetchone() or (0, 0, "")
            cursor.execute(
                f"SELECT count(*), max({history.number}), {_DIGEST.format(number=history.number)}"
                f" FROM {history.table} WHERE {history.number} > %s",
                [after],
            )
            count, last, digest = cursor.fetchone()
            if not count:
                return 0
            cursor.execute(
                "INSERT INTO core_seal (history, position, first_number, last_number, row_count, digest, prev_hash, hash, at)"
                " VALUES (%(history)s, %(position)s, %(first)s, %(last)s, %(count)s, %(digest)s, %(prev)s,"
                " noirel_hash(%(prev)s, %(history)s, %(position)s::text, %(first)s::text, %(last)s::text, %(count)s::text,"
                " %(digest)s), now()) RETURNING hash",
                {
                    "history": history.name, "position": position + 1, "first": after + 1, "last": last, "count": count,
                    "digest": digest, "prev": prev_hash,
                },
            )  # fmt: skip
            (hash_,) = cursor.fetchone()
            log.info("sealed %s %s of %s: %s", history.name, position + 1, count, hash_)
            return int(count)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "55P03":  # lock_not_available
            raise
        log.warning("%s was not sealed: the table lock was not granted within %d ms", history.name, LOCK_WAIT_MS)
        return 0


def broken_seals(history: History) -> list[Broken]:
    """Return the seals that no longer match: rows were deleted, inserted or rewritten, or the chain of seals was changed."""
    number = history.number
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH s AS (SELECT *, lag(hash) OVER (ORDER BY position) AS before,"
            " lag(last_number) OVER (ORDER BY position) AS upto, row_number() OVER (ORDER BY position) AS place"
            " FROM core_seal WHERE history = %s),"
            f" c AS (SELECT s.position, count(t.{number}) AS row_count,"
            f" {_DIGEST.format(number=f't.{number}').replace('(hash', '(t.hash')} AS digest"
            f" FROM s LEFT JOIN {history.table} t ON t.{number} BETWEEN s.first_number AND s.last_number GROUP BY s.position)"
            " SELECT s.position FROM s JOIN c USING (position) WHERE s.row_count <> c.row_count OR s.digest <> c.digest"
            " OR s.prev_hash <> coalesce(s.before, '') OR s.position <> s.place OR s.first_number <> coalesce(s.upto, 0) + 1"
            " OR s.hash <> noirel_hash(s.prev_hash, s.history, s.position::text, s.first_number::text, s.last_number::text,"
            " s.row_count::text, s.digest) ORDER BY 1",
            [history.name],
        )
        return [Broken(history.name, "seal", position, "") for (position,) in cursor.fetchall()]


def rows_of(history: History, numbers: Sequence[int]) -> list[dict[str, Any]]:
    """Return these rows as they are now, for the investigation of a broken chain."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(t) FROM {history.table} t WHERE {history.number} = ANY(%s) ORDER BY {history.number}",
            [list(numbers)],
        )
        return [orjson.loads(row) for (row,) in cursor.fetchall()]
