"""What a collector returns."""

from dataclasses import dataclass, field
from typing import Any

from netops_worker.errors import NetOpsError

__all__ = ('Collected',)


@dataclass(slots=True)
class Collected:
    """`rows`: plain JSON values. `failure`: why the rows may be incomplete; None if they are all there are."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    failure: NetOpsError | None = None
