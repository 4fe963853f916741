"""The fake agent in SNMP v3, with its own message code, keys and cipher: for what real agents do not do.

Written from RFC 3412, RFC 3414 and RFC 3826. How well the session speaks with real ones is tested with those.
"""

import hashlib
import hmac
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from .agent import REPORT, Agent, Request, integer, parse, read, string, tlv

AUTH, PRIV, REPORTABLE = 1, 2, 4
V3 = 3
# usmStats and snmpUnknownContexts
UNSUPPORTED_LEVEL, NOT_IN_TIME_WINDOW, UNKNOWN_USER, UNKNOWN_ENGINE, WRONG_DIGEST, DECRYPTION_ERROR = (
    f'1.3.6.1.6.3.15.1.1.{number}.0' for number in range(1, 7)
)
UNKNOWN_CONTEXT = '1.3.6.1.6.3.12.1.5.0'
MAC_LENGTH = 24
TIME_WINDOW = 150


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, b''.join(parts))


def localized_key(passphrase: str, engine_id: bytes) -> bytes:
    """For SHA-256, RFC 3414, A.2 and section 2.6."""
    octets = passphrase.encode()
    master = hashlib.sha256((octets * (2**20 // len(octets) + 1))[: 2**20]).digest()
    return hashlib.sha256(master + engine_id + master).digest()


def cfb(key: bytes, vector: bytes, data: bytes, *, decrypt: bool = False) -> bytes:
    """AES-128 in CFB mode, from single blocks."""
    block = Cipher(AES(key[:16]), ECB()).encryptor()  # noqa: S305 - the mode is made of it here
    out = b''
    for place in range(0, len(data), 16):
        part = data[place : place + 16]
        done = bytes(one ^ other for one, other in zip(part, block.update(vector), strict=False))
        out += done
        vector = part if decrypt else done
    return out


@dataclass
class Envelope:
    """A message as it came. `pdu` is None if it was encrypted and does not decrypt."""

    id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: bytes
    mac: bytes
    salt: bytes
    context_name: bytes
    pdu: Request | None
    raw: bytes
    sender: Any = None


@dataclass
class AgentV3(Agent):
    """One user, SHA-256 and AES-128 as far as it has pass phrases. The hook gets an Envelope. v1 and v2c as before.

    `boots`, `clock`: snmpEngineBoots and snmpEngineTime, which stands still. `hides_clock`: its answer to the discovery
    tells neither.
    """

    user: str = 'operator'
    auth: str = 'authentication-1'
    priv: str = 'privacy-1'
    engine_id: bytes = bytes.fromhex('80001f88044c616231')
    boots: int = 7
    clock: int = 100_000
    hides_clock: bool = False
    contexts: tuple[str, ...] = ('',)
    requests: list[Envelope] = field(default_factory=list)
    hook: Callable[[Envelope], list[bytes] | None] | None = None
    _salts: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def level(self) -> int:
        return (AUTH if self.auth else 0) | (PRIV if self.priv else 0)

    def key(self, passphrase: str) -> bytes:
        return localized_key(passphrase, self.engine_id)

    def decode(self, data: bytes, sender: Any = None) -> Envelope | Request:
        _, message, _ = read(data, 0)
        _, version, end = read(message, 0)
        if version != b'\x03':
            return super().decode(data, sender)
        _, header, end = read(message, end)
        _, parameters, end = read(message, end)
        tag, scoped, _ = read(message, end)
        _, number, place = read(header, 0)
        _, _, place = read(header, place)
        _, flags, _ = read(header, place)
        _, parameters, _ = read(parameters, 0)
        parts, place = [], 0
        while place < len(parameters):
            _, part, place = read(parameters, place)
            parts.append(part)
        engine_id, boots, time, user, mac, salt = parts
        if tag == 0x04:
            vector = int.from_bytes(boots).to_bytes(4) + int.from_bytes(time).to_bytes(4) + salt
            scoped = cfb(localized_key(self.priv, engine_id), vector, scoped, decrypt=True)
            # What another key encrypted is noise, which does not begin with the engine id.
            known = tlv(0x04, engine_id)
            scoped = read(scoped, 0)[1] if scoped[:1] == b'\x30' and known in scoped[: len(known) + 4] else b''
        context_name, pdu = b'', None
        if scoped:
            _, _, place = read(scoped, 0)
            _, context_name, place = read(scoped, place)
            pdu = Request.of_pdu(scoped[place:], version=V3, sender=sender)
        return Envelope(
            int.from_bytes(number), flags[0], engine_id, int.from_bytes(boots), int.from_bytes(time), user, mac, salt,
            context_name, pdu, data, sender,
        )  # fmt: skip

    def usual(self, request: Envelope | Request) -> list[bytes]:
        """What RFC 3414, section 3.2, says."""
        if isinstance(request, Request):
            return super().usual(request)
        level = request.flags & (AUTH | PRIV)
        clock = (0, 0) if self.hides_clock and not level else (self.boots, self.clock)
        if request.engine_id != self.engine_id:
            return [self.report(request, UNKNOWN_ENGINE, boots=clock[0], time=clock[1])]
        if request.user != self.user.encode():
            return [self.report(request, UNKNOWN_USER)]
        if level != self.level:
            return [self.report(request, UNSUPPORTED_LEVEL)]
        if level & AUTH:
            if request.mac != self.mac(request.raw, request.mac, request.salt):
                return [self.report(request, WRONG_DIGEST)]
            if request.boots != self.boots or abs(request.time - self.clock) > TIME_WINDOW:
                return [self.report(request, NOT_IN_TIME_WINDOW, flags=AUTH)]
        if request.pdu is None:
            return [self.report(request, DECRYPTION_ERROR)]
        if request.context_name.decode() not in self.contexts:
            return [self.report(request, UNKNOWN_CONTEXT, flags=level)]
        return [self.answer(request)]

    def answer(self, request: Envelope | Request, **changes: Any) -> bytes:
        if isinstance(request, Request):
            return super().answer(request)
        binds, status, index = self._view.answer(request.pdu, self.most)
        return self.message(request, request.pdu.reply_pdu(binds, status, index=index), **changes)

    def report(self, request: Envelope, name: str, **changes: Any) -> bytes:
        binds = [(parse(name), tlv(0x41, b'\x01'))] if name else []
        pdu = (request.pdu or Request(b'', 0, 0, 0, [])).reply_pdu(binds, kind=REPORT)
        return self.message(request, pdu, **{'flags': 0, **changes})

    def message(self, request: Envelope, pdu: bytes, *, id: int | None = None, flags: int | None = None,
                engine_id: bytes | None = None, boots: int | None = None, time: int | None = None,
                user: str | None = None, auth: str | None = None, priv: str | None = None,
                mac: bytes | None = None) -> bytes:  # fmt: skip
        """A message to whoever sent `request`, at its level, with what is given instead of what is right."""
        flags = request.flags & (AUTH | PRIV) if flags is None else flags
        engine_id = self.engine_id if engine_id is None else engine_id
        boots, time = self.boots if boots is None else boots, self.clock if time is None else time
        scoped = sequence(string(self.engine_id), string(request.context_name), pdu)
        salt = b''
        if flags & PRIV:
            salt = next(self._salts).to_bytes(8)
            scoped = string(cfb(self.key(priv or self.priv), boots.to_bytes(4) + time.to_bytes(4) + salt, scoped))

        def assembled(mac: bytes) -> bytes:
            parameters = sequence(
                string(engine_id), integer(boots), integer(time), string(self.user if user is None else user),
                string(mac), string(salt),
            )  # fmt: skip
            header = sequence(
                integer(request.id if id is None else id), integer(65_507), string(bytes([flags])), integer(3)
            )
            return sequence(integer(3), header, string(parameters), scoped)

        zeros = bytes(MAC_LENGTH)
        if not flags & AUTH:
            return assembled(b'')
        return assembled(self.mac(assembled(zeros), zeros, salt, auth) if mac is None else mac)

    def mac(self, message: bytes, mac: bytes, salt: bytes, auth: str | None = None) -> bytes:
        """The right one for a message that has `mac` in its place."""
        plain = message.replace(string(mac) + string(salt), string(bytes(len(mac))) + string(salt), 1)
        return hmac.digest(self.key(auth or self.auth), plain, 'sha256')[:MAC_LENGTH]
