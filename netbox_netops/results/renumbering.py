"""Rows that a device gave other numbers, as it does with interfaces when it starts anew."""

from collections.abc import Collection
from dataclasses import dataclass

from .family import Family

__all__ = (
    'Move',
    'renumber',
)


@dataclass(frozen=True, slots=True)
class Move:
    """`id`: of the row. `old`: its number before."""

    id: int
    old: int


def renumber(cursor, family: Family, target_ids: Collection[int]) -> dict[tuple[int, int], Move]:
    """Give rows the numbers that came for their names; returns the moves by (target, new number).

    Only where the name is that of one stored and one incoming row of the target. The uniqueness of (target, number) is
    checked row by row, so that rows first leave for negative numbers. A row that does not move itself, but whose number
    another one has now, stays there: nobody can tell which it is now, if any, and the merge lets it vanish.

    Expects what came in the family's temporary table, and of these targets all of it.
    """
    (number,), name, table, came = family.key, family.renumbered, family.table, f'netops_{family.name}'
    cursor.execute(
        f"""
        WITH strayed AS MATERIALIZED (
            -- Nearly always there is none, and all that follows is over.
            SELECT DISTINCT t.target_id FROM {table} t
            WHERE t.target_id = ANY(%(targets)s) AND t.{name} <> '' AND NOT EXISTS (
                SELECT 1 FROM {came} i
                WHERE i.target_id = t.target_id AND i.{number} = t.{number} AND i.{name} = t.{name})
        ), named AS (
            SELECT target_id, {name} AS name, id, {number} AS old, NULL::bigint AS new, 1 AS times FROM {table}
            WHERE target_id = ANY(%(targets)s) AND target_id IN (SELECT target_id FROM strayed)
            UNION ALL
            SELECT target_id, {name}, NULL, NULL, {number}, count(*) OVER (PARTITION BY target_id, {number})
            FROM {came} WHERE target_id IN (SELECT target_id FROM strayed)
        ), moved AS MATERIALIZED (
            -- Of several incoming rows with one number nobody knows which it is.
            SELECT target_id, max(id) AS id, max(old) AS old, max(new) AS new FROM named WHERE name <> ''
            GROUP BY target_id, name
            HAVING count(old) = 1 AND count(new) = 1 AND max(old) <> max(new) AND max(times) = 1
        ), leaving AS (
            SELECT id FROM moved
            UNION
            SELECT t.id FROM moved m JOIN {table} t ON t.target_id = m.target_id AND t.{number} = m.new
        ), away AS (
            UPDATE {table} t SET {number} = ~t.{number} FROM leaving l WHERE t.id = l.id
        )
        SELECT target_id, new, id, old FROM moved
        """,
        {'targets': list(target_ids)},
    )
    moves = {(target, new): Move(pk, old) for target, new, pk, old in cursor.fetchall()}
    if moves:
        cursor.execute(
            f"""
            UPDATE {table} t SET {number} = m.number
            FROM unnest(%s::bigint[], %s::bigint[]) AS m(id, number) WHERE t.id = m.id
            """,
            [[move.id for move in moves.values()], [new for _target, new in moves]],
        )
    return moves
