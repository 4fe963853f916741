"""Rows into PostgreSQL at the speed of COPY: a temporary table that set-based SQL then merges from."""

from collections.abc import Iterable, Mapping, Sequence

__all__ = ('copy_rows',)


def copy_rows(cursor, table: str, columns: Mapping[str, str], rows: Iterable[Sequence]) -> None:
    """Create the temporary `table` with `columns` (name -> PostgreSQL type) and fill it with `rows`.

    It lives until the end of the current transaction. Names and types come from code, never from input.
    """
    definition = ', '.join(f'{name} {kind}' for name, kind in columns.items())
    cursor.execute(f'DROP TABLE IF EXISTS {table}')
    cursor.execute(f'CREATE TEMPORARY TABLE {table} ({definition}) ON COMMIT DROP')
    with cursor.copy(f'COPY {table} ({", ".join(columns)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
    # Without statistics the planner expects a handful of rows and joins thousands in a nested loop.
    cursor.execute(f'ANALYZE {table}')
