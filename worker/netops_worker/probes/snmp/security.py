"""What wraps a PDU into a message and proves who sent the answer: communities (v1, v2c) and users (v3)."""

from typing import Any, NoReturn, Protocol

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.ber import OCTET_STRING, SEQUENCE, encode_integer, encode_tlv, expect, integer
from netops_worker.probes.snmp.pdu import RESPONSE, Pdu, parse_pdu
from netops_worker.probes.snmp.transport import Transport
from netops_worker.secrets import Secret

__all__ = (
    'CommunitySecurity',
    'Security',
)

# What leaves room for a request in the smallest message that any agent must take (484 bytes, RFC 3417).
_LONGEST_COMMUNITY = 255


class Security(Protocol):
    """`version`: 0 for SNMP v1, 1 for v2c, 3 for v3, as in the messages."""

    version: int

    async def prepare(self, transport: Transport) -> None:
        """Learn from the agent what messages to it need. Raises NetOpsError."""

    def wrap(self, pdu: bytes, request_id: int) -> bytes:
        """The message to send. Called again for each repetition."""

    def unwrap(self, datagram: bytes) -> tuple[bytes, Pdu] | None:
        """The PDU of a response, and the data in which its bindings lie. None: of no interest.

        A REPORT means that the request is to be sent again, in the form that the agent needs.
        Raises Malformed or Forged, which the transport drops, and NetOpsError.
        """


class CommunitySecurity:
    """RFC 1157 and RFC 1901: a community in clear. Nothing proves who answers but address, port and request id."""

    def __init__(self, version: int, community: Secret) -> None:
        self.version = version
        try:
            name = community.reveal().encode()
        except UnicodeEncodeError:
            # Its text has the value in it.
            raise NetOpsError('secret:refused', 'the community is not valid text') from None
        if len(name) > _LONGEST_COMMUNITY:
            raise NetOpsError('secret:refused', 'the community is too long')
        head = encode_integer(version) + encode_tlv(OCTET_STRING, name)
        # Closures and not the octets themselves: whatever lists attributes finds functions.
        self._wrap = lambda pdu: encode_tlv(SEQUENCE, head + pdu)
        self._after_head = lambda data, start: start + len(head) if data.startswith(head, start) else None

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError('a community cannot be stored or sent')

    async def prepare(self, transport: Transport) -> None:
        pass

    def wrap(self, pdu: bytes, request_id: int) -> bytes:
        return self._wrap(pdu)

    def unwrap(self, datagram: bytes) -> tuple[bytes, Pdu] | None:
        position, end = expect(SEQUENCE, datagram, 0, len(datagram))
        if (start := self._after_head(datagram, position)) is not None:
            pdu = parse_pdu(datagram, start, end)
            return (datagram, pdu) if pdu.kind == RESPONSE else None
        # Agents have been seen that answer with another community.
        version, position = integer(datagram, position, end)
        if version != self.version:
            return None
        _, position = expect(OCTET_STRING, datagram, position, end)
        pdu = parse_pdu(datagram, position, end)
        return (datagram, pdu) if pdu.kind == RESPONSE else None
