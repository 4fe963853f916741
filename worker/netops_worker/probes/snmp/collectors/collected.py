"""What a collector returns."""

from dataclasses import dataclass, field
from typing import Any

from netops_worker.errors import NetOpsError

__all__ = ('Collected',)


@dataclass(slots=True)
class Collected:
    """`rows`: plain JSON values. `failure`: why they may be incomplete; None if they are all there are.
    `listed`: with a failure, whether at least no row is missing, but only values in rows.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    failure: NetOpsError | None = None
    listed: bool = False
