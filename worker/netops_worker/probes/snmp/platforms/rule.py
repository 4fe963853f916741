"""What a platform rule is made of. The rules themselves are data, in `rules/`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = (
    'ANY',
    'CHASSIS',
    'DESCR',
    'Cell',
    'Column',
    'Descr',
    'Entity',
    'ObjectIdName',
    'Rule',
    'Scalar',
    'Source',
)

# For Entity.kind
ANY = 0

# Rules name objects below this arc by the rest of their OID.
ENTERPRISES = '1.3.6.1.4.1.'

# Where names and values of a device's own MIB may not be trusted alone, the pattern of a source picks the part that
# may: the value is its group 1, and none if it does not match.


def full(oid: str) -> str:
    """`14988.1.1.4.4.0` is below `enterprises`; what is not, is written in full."""
    return oid if oid.startswith(('1.3.', '1.0.', '1.2.')) else ENTERPRISES + oid


@dataclass(frozen=True, slots=True)
class Scalar:
    """One object, by its instance: a scalar ending in .0, or a table cell whose index is known beforehand.

    `@` stands for the agent's sysObjectID and `^` for the arc above it, where each product has the objects anew.
    """

    oid: str
    pattern: str = ''


@dataclass(frozen=True, slots=True)
class Column:
    """The first row of a table column that has a usable value. Walked only if nothing before it gave one."""

    oid: str
    pattern: str = ''


@dataclass(frozen=True, slots=True)
class Cell:
    """The cell of a column whose index is the (integer) value of the scalar `key`."""

    oid: str
    key: str
    pattern: str = ''


@dataclass(frozen=True, slots=True)
class Entity:
    """A field of an ENTITY-MIB row: the chassis, or the first row of `kind` (PhysicalClass, or ANY) that has it."""

    name: str
    pattern: str = ''
    kind: int = 3


@dataclass(frozen=True, slots=True)
class Descr:
    """sysDescr, its white space folded to single spaces. Without a pattern: the named group of `Rule.descr`."""

    pattern: str = ''


@dataclass(frozen=True, slots=True)
class ObjectIdName:
    """The name that stands for this sysObjectID in the vendor's MIB. For agents which tell their model no other way."""

    names: Mapping[str, str]


type Source = Scalar | Column | Cell | Entity | Descr | ObjectIdName

DESCR = Descr()
CHASSIS = Entity('')


@dataclass(frozen=True, slots=True)
class Rule:
    """`oids`: prefixes of sysObjectID below `enterprises`, separated by spaces; '' is any.

    `descr`: regular expression that sysDescr has to contain; its groups `version`, `model` and `serial` are values.
    `present`: a subtree (below `enterprises`) the agent must have, for agents with a sysObjectID that says nothing.
    `version`, `model` and `serial`: the sources in order of trust. DESCR is last unless named; for model and serial
    the ENTITY-MIB chassis is first unless CHASSIS is named, and left out with `chassis=False`.

    For agents whose sysObjectID leads nowhere, a sysDescr is enough that `descr` matches and that has the name of the
    vendor or of the system in it. `alone`: it is enough even without a name, as no other product says the like; False:
    it never is, as it only tells apart what the sysObjectID left open.
    `generic`: a system that many products are built on, so that the sysDescr of one of these counts more.
    """

    id: str
    vendor: str
    os: str
    oids: str = ''
    descr: str = ''
    present: str = ''
    version: tuple[Source, ...] = ()
    model: tuple[Source, ...] = ()
    serial: tuple[Source, ...] = ()
    chassis: bool = field(default=True, kw_only=True)
    alone: bool | None = field(default=None, kw_only=True)
    generic: bool = field(default=False, kw_only=True)
