"""Small facts about SNMP messages that gufo-snmp does not give: the error status, and the order of indexes."""

from operator import lt

from netops_worker.errors import NetOpsError

__all__ = (
    'AUTHORIZATION_ERROR',
    'NO_SUCH_NAME',
    'StatusError',
    'error_status',
    'increasing',
)

# RFC 3416, section 3
_STATUS_NAMES = (
    'noError', 'tooBig', 'noSuchName', 'badValue', 'readOnly', 'genErr', 'noAccess', 'wrongType', 'wrongLength',
    'wrongEncoding', 'wrongValue', 'noCreation', 'inconsistentValue', 'resourceUnavailable', 'commitFailed',
    'undoFailed', 'authorizationError', 'notWritable', 'inconsistentName',
)  # fmt: skip
NO_SUCH_NAME = 2
NO_ACCESS = 6
AUTHORIZATION_ERROR = 16

_RESPONSE = 0xA2


class StatusError(NetOpsError):
    """The agent answered with an error status other than noError."""

    def __init__(self, status: int) -> None:
        name = _STATUS_NAMES[status] if 0 <= status < len(_STATUS_NAMES) else str(status)
        denied = status in (NO_ACCESS, AUTHORIZATION_ERROR)
        super().__init__('credential:no-access' if denied else 'snmp:error-status', name)
        self.status = status
        # Whether the same in smaller pieces may succeed: yes for tooBig and for whatever agents make of genErr.
        self.divisible = not denied


def error_status(head: bytes) -> int:
    """The error status of an SNMP response, from its first bytes. 0 also if they are not understood.

    Message ::= SEQUENCE { version, community, PDU { request-id, error-status, ... } } (RFC 1901, RFC 3416)
    """
    try:
        _, _, position = _header(head, 0)
        for _ in range(2):
            _, length, start = _header(head, position)
            position = start + length
        tag, _, position = _header(head, position)
        if tag != _RESPONSE:
            return 0
        _, length, start = _header(head, position)
        _, length, start = _header(head, start + length)
        return int.from_bytes(head[start : start + length], signed=True)
    except IndexError:
        return 0


def _header(data: bytes, position: int) -> tuple[int, int, int]:
    """Tag, length and start of the content of the BER element at `position`. Raises IndexError when it is cut off."""
    length = data[position + 1]
    start = position + 2
    if length >= 0x80:
        size = length & 0x7F
        length = int.from_bytes(data[start : start + size])
        start += size
    return data[position], length, start


def increasing(indexes: list[str], last: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    """How many of these dotted indexes follow each other, and `last`, in increasing order; and the last of those."""
    try:
        # The common case, one number, without a tuple for each.
        numbers = list(map(int, indexes))
        if (numbers[0],) > last and all(map(lt, numbers, numbers[1:])):
            return len(numbers), (numbers[-1],)
    except ValueError:
        pass
    for count, index in enumerate(indexes):
        try:
            key = tuple(map(int, index.split('.')))
        except ValueError:
            # Nothing after the column: the agent returned the very object it was asked to go on from.
            return count, last
        if key <= last:
            return count, last
        last = key
    return len(indexes), last
