"""A tiny SNMP v2c agent on loopback with its own BER code, to misbehave on purpose."""

import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

GET, GETNEXT, RESPONSE, GETBULK = 0xA0, 0xA1, 0xA2, 0xA5
END_OF_VIEW = b'\x82\x00'
NO_SUCH_OBJECT = b'\x80\x00'
NULL = b'\x05\x00'

type Oid = tuple[int, ...]


def tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(value: int, tag: int = 0x02) -> bytes:
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, signed=True))


def gauge(value: int) -> bytes:
    return integer(value, 0x42)


def ticks(value: int) -> bytes:
    return integer(value, 0x43)


def string(value: str | bytes) -> bytes:
    return tlv(0x04, value.encode() if isinstance(value, str) else value)


def oid(text: str | Oid) -> bytes:
    numbers = parse(text) if isinstance(text, str) else text
    content = bytearray([numbers[0] * 40 + numbers[1]])
    for number in numbers[2:]:
        group = [number & 0x7F]
        while number := number >> 7:
            group.append(0x80 | (number & 0x7F))
        content += bytes(reversed(group))
    return tlv(0x06, bytes(content))


def parse(text: str) -> Oid:
    return tuple(map(int, text.split('.')))


def read(data: bytes, position: int) -> tuple[int, bytes, int]:
    """Tag, content and end of the element at `position`."""
    tag, size, position = data[position], data[position + 1], position + 2
    if size & 0x80:
        width = size & 0x7F
        size, position = int.from_bytes(data[position : position + width]), position + width
    return tag, data[position : position + size], position + size


def read_oid(content: bytes) -> Oid:
    numbers, value = [content[0] // 40, content[0] % 40], 0
    for byte in content[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(value)
            value = 0
    return tuple(numbers)


@dataclass
class Request:
    community: bytes
    kind: int
    id: int
    repetitions: int
    oids: list[Oid]

    @classmethod
    def decode(cls, data: bytes) -> 'Request':
        _, message, _ = read(data, 0)
        _, _, end = read(message, 0)
        _, community, end = read(message, end)
        kind, pdu, _ = read(message, end)
        _, number, end = read(pdu, 0)
        _, _, end = read(pdu, end)
        _, repetitions, end = read(pdu, end)
        _, binds, _ = read(pdu, end)
        oids, end = [], 0
        while end < len(binds):
            _, bind, end = read(binds, end)
            oids.append(read_oid(read(bind, 0)[1]))
        return cls(community, kind, int.from_bytes(number), int.from_bytes(repetitions), oids)

    def reply(self, binds: Iterable[tuple[Oid, bytes]], status: int = 0, *, id: int | None = None) -> bytes:
        content = b''.join(tlv(0x30, oid(name) + value) for name, value in binds)
        number = self.id if id is None else id
        pdu = integer(number) + integer(status) + integer(1 if status else 0) + tlv(0x30, content)
        return tlv(0x30, integer(1) + tlv(0x04, self.community) + tlv(RESPONSE, pdu))

    def refuse(self, status: int) -> bytes:
        return self.reply([(name, NULL) for name in self.oids], status)


@dataclass
class Agent:
    """Serves `objects` (OID text -> encoded value) to `community`, on a free port, while its context lasts.

    `hook(request)` may return the datagrams to send instead, or None to answer as usual.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    community: str = 'public'
    hook: Callable[[Request], list[bytes] | None] | None = None
    address: str = '127.0.0.1'
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> 'Agent':
        family = socket.AF_INET6 if ':' in self.address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._socket.bind((self.address, 0))
        self.port = self._socket.getsockname()[1]
        self._table = sorted((parse(name), value) for name, value in self.objects.items())
        self._values = dict(self._table)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        with socket.socket(self._socket.family, socket.SOCK_DGRAM) as stop:
            stop.sendto(b'stop', self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def _serve(self) -> None:
        while (received := self._socket.recvfrom(65535))[0] != b'stop':
            data, sender = received
            request = Request.decode(data)
            self.requests.append(request)
            replies = self.hook(request) if self.hook else None
            if replies is None:
                known = request.community == self.community.encode()
                replies = [self.answer(request)] if known else []
            for reply in replies:
                self._socket.sendto(reply, sender)

    def answer(self, request: Request) -> bytes:
        if request.kind == GET:
            return request.reply([(name, self._values.get(name, NO_SUCH_OBJECT)) for name in request.oids])
        count = request.repetitions if request.kind == GETBULK else 1
        following = [bind for bind in self._table if bind[0] > request.oids[0]][:count]
        return request.reply(following or [(request.oids[0], END_OF_VIEW)])


def system_objects(**values: bytes) -> dict[str, bytes]:
    """The system group; `descr`, `name` and so on can be given encoded."""
    defaults = {
        'descr': string('Lab switch'),
        'object_id': oid('1.3.6.1.4.1.9.1.516'),
        'uptime': ticks(4711),
        'contact': string('noc@example.net'),
        'name': string('sw1'),
        'location': string('Lab'),
    }
    return {f'1.3.6.1.2.1.1.{number}.0': value for number, value in enumerate({**defaults, **values}.values(), start=1)}


def interface_objects(count: int, *, high: bool = True, first: int = 1) -> dict[str, bytes]:
    """ifTable with `count` rows, and ifXTable if `high`."""
    objects = {}
    for index in range(first, first + count):
        row = {
            1: integer(index),
            2: string(f'GigabitEthernet0/{index}'),
            3: integer(6),
            4: integer(1500),
            5: gauge(100_000_000),
            6: string(bytes([0, 0x11, 0x22, 0x33, index >> 8, index & 0xFF])),
            7: integer(1),
            8: integer(2),
            9: ticks(index),
        }
        objects |= {f'1.3.6.1.2.1.2.2.1.{column}.{index}': value for column, value in row.items()}
        if high:
            row = {1: string(f'Gi0/{index}'), 15: gauge(1000), 18: string(f'port {index}')}
            objects |= {f'1.3.6.1.2.1.31.1.1.1.{column}.{index}': value for column, value in row.items()}
    return objects
