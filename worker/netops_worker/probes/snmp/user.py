"""The messages of SNMP v3 (RFC 3412, section 6) under the User-based Security Model (RFC 3414)."""

import random
import time
from dataclasses import dataclass

from netops_worker.errors import NetOpsError
from netops_worker.probes.snmp.ber import (
    OCTET_STRING,
    SEQUENCE,
    Malformed,
    encode_integer,
    encode_tlv,
    expect,
    integer,
)
from netops_worker.probes.snmp.pdu import GET, REPORT, Pdu, bindings, dotted, encode_request, parse_pdu
from netops_worker.probes.snmp.transport import Forged, Transport
from netops_worker.probes.snmp.usm import Keys, SecurityUser

__all__ = ('UserSecurity',)

_VERSION = 3
_USM = 3
_AUTH, _PRIV, _REPORTABLE = 0x01, 0x02, 0x04
# Larger than any datagram: the agent is to send what it can.
_MAX_SIZE = 65_507
# RFC 3414, section 2.2.3: how far, in seconds, a message may lag behind what is known of the engine's clock.
_TIME_WINDOW = 150
_LARGEST_ID = 2**31 - 1
_LARGEST_BOOTS = 2**31 - 1
# RFC 3411, SnmpEngineID
_LONGEST_ENGINE_ID = 32

_NOT_IN_TIME_WINDOW = '1.3.6.1.6.3.15.1.1.2.0'
_UNKNOWN_ENGINE_ID = '1.3.6.1.6.3.15.1.1.4.0'
# SNMP-USER-BASED-SM-MIB (RFC 3414), SNMP-TARGET-MIB (RFC 3413), SNMP-MPD-MIB (RFC 3412)
_REFUSALS = {
    '1.3.6.1.6.3.15.1.1.1.0': ('credential:rejected', 'the user may not use this security level'),
    '1.3.6.1.6.3.15.1.1.3.0': ('credential:rejected', 'unknown user name'),
    '1.3.6.1.6.3.15.1.1.5.0': ('credential:rejected', 'wrong authentication key'),
    '1.3.6.1.6.3.15.1.1.6.0': ('credential:rejected', 'wrong privacy key'),
    '1.3.6.1.6.3.12.1.4.0': ('credential:no-access', 'the context is not available'),
    '1.3.6.1.6.3.12.1.5.0': ('credential:no-access', 'unknown context'),
    '1.3.6.1.6.3.11.2.1.1.0': ('credential:rejected', 'unknown security model'),
}


@dataclass(frozen=True, slots=True)
class _Message:
    """The parts of a message. `mac_start` is where the authentication parameters lie in it."""

    id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    mac: bytes
    mac_start: int
    salt: bytes
    # What follows the security parameters: ScopedPduData.
    start: int
    end: int


class UserSecurity:
    """A user's session with one engine, which is found out first. Answers below the user's level are refused."""

    version = _VERSION

    def __init__(self, user: SecurityUser, context_name: str = '') -> None:
        self._user = user
        self._name = user.name.encode()
        self._context_name = context_name.encode()
        self._flags = (_AUTH if user.auth else 0) | (_PRIV if user.priv else 0)
        self._keys = Keys()
        self._engine_id = b''
        # The engine's clock, and ours when it was read.
        self._boots = self._time = 0
        self._read_at = 0.0
        self._request_id = -1
        self._ids: set[int] = set()
        self._next_id = random.randrange(_LARGEST_ID)  # noqa: S311 - to tell answers apart, no secret

    async def prepare(self, transport: Transport) -> None:
        """Find the engine (RFC 3414, section 4)."""
        probe = encode_request(GET, 0, ())
        await transport.request(lambda: self._encode(probe, 0, 0), self._discovered)
        self._use_engine()

    def wrap(self, pdu: bytes, request_id: int) -> bytes:
        return self._encode(pdu, request_id, self._flags)

    def unwrap(self, datagram: bytes) -> tuple[bytes, Pdu] | None:
        message = _parse(datagram)
        if message.id not in self._ids:
            return None
        authentic = self._is_authentic(message, datagram)
        data, start, end = self._scoped_pdu(message, datagram)
        pdu = _pdu(data, start, end)
        if pdu.kind == REPORT:
            self._report(message, authentic, data, pdu)
        elif message.flags & self._flags != self._flags or (authentic and not self._is_recent(message)):
            raise Forged
        return data, pdu

    # Sending

    def _encode(self, pdu: bytes, request_id: int, flags: int) -> bytes:
        if request_id != self._request_id:
            self._request_id = request_id
            self._ids.clear()
        self._next_id = message_id = (self._next_id + 1) & _LARGEST_ID
        self._ids.add(message_id)
        keys = self._keys
        boots, seconds = self._boots, self._clock()
        salt = b''
        scoped = encode_tlv(
            SEQUENCE,
            encode_tlv(OCTET_STRING, self._engine_id) + encode_tlv(OCTET_STRING, self._context_name) + pdu,
        )
        if flags & _PRIV:
            encrypted, salt = keys.encrypt(scoped, boots, seconds)
            scoped = encode_tlv(OCTET_STRING, encrypted)
        mac_length = keys.auth.mac_length if flags & _AUTH and keys.auth else 0
        tail = encode_tlv(OCTET_STRING, salt)
        parameters = encode_tlv(
            OCTET_STRING,
            encode_tlv(
                SEQUENCE,
                encode_tlv(OCTET_STRING, self._engine_id) + encode_integer(boots) + encode_integer(seconds)
                + encode_tlv(OCTET_STRING, self._name if self._engine_id else b'')
                + encode_tlv(OCTET_STRING, bytes(mac_length)) + tail,
            ),
        )  # fmt: skip
        header = encode_tlv(
            SEQUENCE,
            encode_integer(message_id) + encode_integer(_MAX_SIZE)
            + encode_tlv(OCTET_STRING, bytes((flags | _REPORTABLE,))) + encode_integer(_USM),
        )  # fmt: skip
        message = encode_tlv(SEQUENCE, encode_integer(_VERSION) + header + parameters + scoped)
        if mac_length:
            # The MAC is of the message with zeros in its place, which lies right before the salt.
            mac = keys.sign(message)
            end = len(message) - len(scoped) - len(tail)
            message = message[: end - mac_length] + mac + message[end:]
        return message

    def _clock(self) -> int:
        """The engine's time now, in seconds."""
        return min(self._time + int(time.monotonic() - self._read_at), _LARGEST_ID) if self._engine_id else 0

    # Receiving

    def _discovered(self, datagram: bytes) -> bool | None:
        message = _parse(datagram)
        if message.id not in self._ids:
            return None
        if not message.engine_id:
            raise Malformed('no engine ID')
        self._set_engine(message)
        return True

    def _set_engine(self, message: _Message) -> None:
        self._engine_id = message.engine_id
        self._set_clock(message)

    def _set_clock(self, message: _Message) -> None:
        self._boots, self._time, self._read_at = message.boots, message.time, time.monotonic()

    def _use_engine(self) -> None:
        try:
            self._keys = self._user.keys(self._engine_id)
        except ValueError:
            raise NetOpsError('snmp:malformed', 'an engine ID of impossible length') from None

    def _is_authentic(self, message: _Message, datagram: bytes) -> bool:
        """Whether the message proves that it comes from our engine, now. Raises Forged if it claims so wrongly."""
        if not message.flags & _AUTH:
            return False
        if message.engine_id != self._engine_id or message.user != self._name:
            raise Forged
        start, end = message.mac_start, message.mac_start + len(message.mac)
        if not self._keys.verify(datagram[:start] + bytes(end - start) + datagram[end:], message.mac):
            raise Forged
        if (message.boots, message.time) > (self._boots, self._clock()):
            self._set_clock(message)
        return True

    def _is_recent(self, message: _Message) -> bool:
        """RFC 3414, section 3.2, step 7 b: that it is not a message of old, sent again by somebody.

        The largest number of boots says that the agent cannot count them any more.
        """
        if message.boots == _LARGEST_BOOTS:
            return False
        return (message.boots, message.time) >= (self._boots, self._clock() - _TIME_WINDOW)

    def _scoped_pdu(self, message: _Message, datagram: bytes) -> tuple[bytes, int, int]:
        if not message.flags & _PRIV:
            return datagram, message.start, message.end
        if not message.flags & _AUTH:
            raise Malformed('privacy without authentication')
        start, end = expect(OCTET_STRING, datagram, message.start, message.end)
        try:
            data = self._keys.decrypt(datagram[start:end], message.salt, message.boots, message.time)
        except ValueError as error:
            raise Malformed(str(error)) from None
        return data, 0, len(data)

    def _report(self, message: _Message, authentic: bool, data: bytes, pdu: Pdu) -> None:
        """Do what a report asks for, so that the request can be sent again. Raises NetOpsError if nothing helps."""
        found = bindings(data, pdu.start, pdu.end)
        name = dotted(found[0][0]) if found else ''
        if name == _UNKNOWN_ENGINE_ID and message.engine_id != self._engine_id:
            # Not authentic, nor could it be: what follows is signed with keys for that engine only.
            self._set_engine(message)
            self._use_engine()
        elif name == _NOT_IN_TIME_WINDOW:
            if not authentic:
                raise Forged
            # Also backwards: an engine that lost its memory. That this is no message of old tells its message ID.
            self._set_clock(message)
        elif name in _REFUSALS:
            raise NetOpsError(*_REFUSALS[name])
        else:
            raise NetOpsError('snmp:error-status', f'report {name}' if name else 'report')


def _parse(datagram: bytes) -> _Message:
    """Raises Malformed."""
    position, end = expect(SEQUENCE, datagram, 0, len(datagram))
    version, position = integer(datagram, position, end)
    if version != _VERSION:
        raise Malformed('a message of another version')
    start, position = expect(SEQUENCE, datagram, position, end)
    message_id, start = integer(datagram, start, position)
    _size, start = integer(datagram, start, position)
    flags_start, flags_end = expect(OCTET_STRING, datagram, start, position)
    model, _ = integer(datagram, flags_end, position)
    if flags_end != flags_start + 1 or model != _USM:
        raise Malformed('a message of another security model')
    start, scoped = expect(OCTET_STRING, datagram, position, end)
    start, stop = expect(SEQUENCE, datagram, start, scoped)
    engine_start, engine_end = expect(OCTET_STRING, datagram, start, stop)
    if engine_end - engine_start > _LONGEST_ENGINE_ID:
        raise Malformed('an engine ID of impossible length')
    boots, start = integer(datagram, engine_end, stop)
    seconds, start = integer(datagram, start, stop)
    if not (0 <= boots <= _LARGEST_ID and 0 <= seconds <= _LARGEST_ID):
        raise Malformed('an impossible engine clock')
    user_start, user_end = expect(OCTET_STRING, datagram, start, stop)
    mac_start, mac_end = expect(OCTET_STRING, datagram, user_end, stop)
    salt_start, salt_end = expect(OCTET_STRING, datagram, mac_end, stop)
    return _Message(
        id=message_id,
        flags=datagram[flags_start],
        engine_id=datagram[engine_start:engine_end],
        boots=boots,
        time=seconds,
        user=datagram[user_start:user_end],
        mac=datagram[mac_start:mac_end],
        mac_start=mac_start,
        salt=datagram[salt_start:salt_end],
        start=scoped,
        end=end,
    )


def _pdu(data: bytes, position: int, end: int) -> Pdu:
    """The PDU of a ScopedPDU. After what is decrypted there may be padding. Raises Malformed."""
    position, end = expect(SEQUENCE, data, position, end)
    _, position = expect(OCTET_STRING, data, position, end)
    _, position = expect(OCTET_STRING, data, position, end)
    return parse_pdu(data, position, end)
