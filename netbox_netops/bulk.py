"""Rows into PostgreSQL at the speed of COPY: a temporary table that set-based SQL then merges from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

__all__ = (
    'NULL',
    'copy_columns',
    'copy_rows',
    'without_nested_loops',
)

# As the text format of COPY writes it.
NULL = '\\N'


def copy_rows(cursor, table: str, columns: Mapping[str, str], rows: Iterable[Sequence]) -> None:
    """Create the temporary `table` with `columns` (name -> PostgreSQL type) and fill it with `rows`.

    It lives until the end of the current transaction. Names and types come from code, never from input.
    """
    _create(cursor, table, columns)
    with cursor.copy(f'COPY {table} ({_names(columns)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
    # Without statistics the planner expects a handful of rows and joins thousands in a nested loop.
    cursor.execute(f'ANALYZE {table}')


def copy_columns(cursor, table: str, columns: Mapping[str, str], values: Sequence[Sequence]) -> None:
    """As `copy_rows`, from columns of numbers, booleans, NULL, and texts that are already escaped for COPY.

    Half the CPU time of `copy_rows`, which looks at the type of each value. The first column is what is joined by.
    """
    _create(cursor, table, columns)
    first = next(iter(columns))
    line = '\t'.join(['%s'] * len(columns)) + '\n'
    with cursor.copy(f'COPY {table} ({_names(columns)}) FROM STDIN') as copy:
        copy.write(''.join([line % row for row in zip(*values, strict=True)]))
    # The number of rows is what matters, and costs a fifth of the statistics of all columns.
    cursor.execute(f'ANALYZE {table} ("{first}")')


@contextmanager
def without_nested_loops(cursor) -> Iterator[None]:
    """For statements of the current transaction that compare a batch with rows which are stored.

    While a fleet is scanned for the first time tables grow faster than their statistics. PostgreSQL then takes a common
    value (the kind of a difference, the address of a route server) for a rare one, looks through all of its rows for
    each row of the batch, and the time grows with the square of the devices.
    """
    cursor.execute('SET LOCAL enable_nestloop = off')
    yield
    # Not after an error: with the transaction the setting is over too.
    cursor.execute('SET LOCAL enable_nestloop TO DEFAULT')


def _create(cursor, table: str, columns: Mapping[str, str]) -> None:
    definition = ', '.join(f'"{name}" {kind}' for name, kind in columns.items())
    cursor.execute(f'DROP TABLE IF EXISTS {table}')
    cursor.execute(f'CREATE TEMPORARY TABLE {table} ({definition}) ON COMMIT DROP')


def _names(columns: Mapping[str, str]) -> str:
    return ', '.join(f'"{name}"' for name in columns)
