"""A tiny agent of SNMP v1 and v2c on loopback with its own BER code, to misbehave on purpose."""

import bisect
import contextlib
import functools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

GET, GETNEXT, RESPONSE, GETBULK, REPORT = 0xA0, 0xA1, 0xA2, 0xA5, 0xA8
V1, V2C = 0, 1
NO_SUCH_NAME = 2
END_OF_VIEW = b'\x82\x00'
NO_SUCH_OBJECT = b'\x80\x00'
NULL = b'\x05\x00'

type Oid = tuple[int, ...]
# Name and encoded value.
type Bind = tuple[Oid, bytes]


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
    """What was asked, and from which socket address."""

    community: bytes
    kind: int
    id: int
    repetitions: int
    oids: list[Oid]
    version: int = V2C
    sender: Any = None

    @classmethod
    def decode(cls, data: bytes, sender: Any = None) -> 'Request':
        _, message, _ = read(data, 0)
        _, version, end = read(message, 0)
        _, community, end = read(message, end)
        return cls.of_pdu(message[end:], community, int.from_bytes(version), sender)

    @classmethod
    def of_pdu(cls, data: bytes, community: bytes = b'', version: int = V2C, sender: Any = None) -> 'Request':
        kind, pdu, _ = read(data, 0)
        _, number, end = read(pdu, 0)
        _, _, end = read(pdu, end)
        _, repetitions, end = read(pdu, end)
        _, binds, _ = read(pdu, end)
        oids, end = [], 0
        while end < len(binds):
            _, bind, end = read(binds, end)
            oids.append(read_oid(read(bind, 0)[1]))
        return cls(community, kind, int.from_bytes(number), int.from_bytes(repetitions), oids, version, sender)

    def reply(
        self, binds: Iterable[Bind], status: int = 0, *, index: int | None = None, id: int | None = None
    ) -> bytes:
        pdu = self.reply_pdu(binds, status, index=index, id=id)
        return tlv(0x30, integer(self.version) + tlv(0x04, self.community) + pdu)

    def reply_pdu(
        self, binds: Iterable[Bind], status: int = 0, *, index: int | None = None, id: int | None = None,
        kind: int = RESPONSE,
    ) -> bytes:  # fmt: skip
        content = b''.join(tlv(0x30, oid(name) + value) for name, value in binds)
        number = self.id if id is None else id
        blamed = (1 if status else 0) if index is None else index
        return tlv(kind, integer(number) + integer(status) + integer(blamed) + tlv(0x30, content))

    def refuse(self, status: int, *, index: int | None = None) -> bytes:
        return self.reply([(name, NULL) for name in self.oids], status, index=index)


def below(request: Request, *subtrees: str) -> bool:
    """Whether it asks for something below one of these."""
    return any(name[: len(parse(subtree))] == parse(subtree) for name in request.oids for subtree in subtrees)


class View:
    """The objects of an agent: what a GET, GETNEXT or GETBULK finds in them."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self._table = sorted((parse(name), value) for name, value in objects.items())
        self._names = [name for name, _ in self._table]
        self._values = dict(self._table)

    def get(self, name: Oid) -> bytes:
        return self._values.get(name, NO_SUCH_OBJECT)

    def following(self, name: Oid) -> Bind:
        place = bisect.bisect_right(self._names, name)
        return self._table[place] if place < len(self._table) else (name, END_OF_VIEW)

    def rows(self, request: Request) -> Iterator[Bind]:
        """Row after row, one binding of each column, until a row has nothing but ends."""
        names = list(request.oids)
        for _ in range(request.repetitions if request.kind == GETBULK else 1):
            row = [self.following(name) for name in names]
            yield from row
            names = [name for name, _ in row]
            if all(value == END_OF_VIEW for _, value in row):
                return

    def answer(self, request: Request, most: int | None = None) -> tuple[list[Bind], int, int]:
        """Bindings (at most so many), error status and error index."""
        if request.kind == GET:
            binds = [(name, self.get(name)) for name in request.oids]
        else:
            binds = list(self.rows(request))[:most]
        if request.version == V1:
            # RFC 1157, section 4.1.2: the bindings as they were asked for, and the one that is to blame.
            for index, (_, value) in enumerate(binds, 1):
                if value in (NO_SUCH_OBJECT, END_OF_VIEW):
                    return [(name, NULL) for name in request.oids], NO_SUCH_NAME, index
        return binds, 0, 0


@dataclass
class Agent:
    """Serves `objects` (OID text -> encoded value) to `community`, on a free port, while its context lasts.

    `hook(request)` may return the datagrams to send instead, or None to answer as usual. `most`: bindings that fit
    into its answers to a GETNEXT or GETBULK; what follows, also in the middle of a row, is cut off.
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    community: str = 'public'
    hook: Callable[[Request], list[bytes] | None] | None = None
    address: str = '127.0.0.1'
    most: int | None = None
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> 'Agent':
        self._socket = self._bound()
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        with socket.socket(self._socket.family, socket.SOCK_DGRAM) as stop:
            stop.sendto(b'stop', self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    @functools.cached_property
    def _view(self) -> View:
        return View(self.objects)

    def _bound(self) -> socket.socket:
        one = socket.socket(socket.AF_INET6 if ':' in self.address else socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((self.address, 0))
        return one

    def _serve(self) -> None:
        while (received := self._socket.recvfrom(65535))[0] != b'stop':
            data, sender = received
            request = self.decode(data, sender)
            self.requests.append(request)
            replies = self.hook(request) if self.hook else None
            if replies is None:
                replies = self.usual(request)
            for reply in replies:
                self._socket.sendto(reply, sender)

    def decode(self, data: bytes, sender: Any) -> Request:
        return Request.decode(data, sender)

    def usual(self, request: Request) -> list[bytes]:
        return [self.answer(request)] if request.community == self.community.encode() else []

    def answer(self, request: Request) -> bytes:
        binds, status, index = self._view.answer(request, self.most)
        return request.reply(binds, status, index=index)

    def send(self, datagram: bytes, request: Request) -> None:
        """Send it to whom the request came from, whenever; it is in the receiver's buffer then."""
        self._socket.sendto(datagram, request.sender)

    def send_from_elsewhere(self, datagram: bytes, request: Request) -> None:
        """The same from another port of this host."""
        with contextlib.closing(self._bound()) as other:
            other.sendto(datagram, request.sender)


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
