"""From what agents say to a value worth storing."""

import re

from netops_worker.probes.snmp.client import SnmpValue
from netops_worker.probes.snmp.text import line

__all__ = (
    'clean',
    'folded',
    'spoken',
)

MAX_LENGTH = 255

# Fillers of agents, firmware and BIOSes for what nobody set.
_JUNK = re.compile(
    r"""n/?\.?a\.?|none|null|nil|unknown|undefined|unavailable|invalid|empty|default|blank|tbd
    |not[ ](available|applicable|specified|set|present|programmed|defined|assigned|supported|installed|configured|known)
    |un(specified|set|programmed|assigned|initiali[sz]ed)|no[ ](serial|serial[ ]number|data|value|name|info)
    |default[ ]string|string|to[ ]be[ ]filled([ ]by[ ]o\.?e\.?m\.?)?|oem|empty[ ]string
    |system[ ](serial[ ]number|product[ ]name|manufacturer|version|name)|serial([ ]?(number|no\.?))?|model([ ]?name)?
    |base[ ]board[ ]serial[ ]number|chassis[ ]serial[ ]number|product[ ]name|o\.e\.m\.
    |[0\s.:/-]+|(0x)?0+|[x\s-]+|f{4,}|(0x)?f{4,}|[\W_]+""",
    re.IGNORECASE | re.VERBOSE,
)


def spoken(value: SnmpValue) -> str:
    """An octet string or a number as text; '' for what is neither."""
    return str(value) if isinstance(value, int) else line(value)


def folded(value: str | None) -> str:
    """On one line, with single spaces, without the quotes some agents put around."""
    return ' '.join((value or '').split()).strip('"\'\\ ')


def clean(value: str | None) -> str:
    """Folded and limited; '' for a filler."""
    value = folded(value)[:MAX_LENGTH].rstrip()
    return '' if _JUNK.fullmatch(value) else value
