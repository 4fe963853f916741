"""What a key exchange came to, from what both sides offered (RFC 4253, section 7.1). Imports asyncssh."""

from asyncssh.packet import PacketDecodeError, SSHPacket

from netops_worker.probes.ssh.text import shown

__all__ = (
    'AlgorithmLists',
    'chosen',
    'missing',
    'offered_by',
)

KINDS = ('key exchange', 'host key', 'cipher', 'MAC')

# By these kinds. Lists of the direction from client to server.
type AlgorithmLists = dict[str, list[str]]

# Ciphers that need no MAC.
_AEAD = ('aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com')


def offered_by(kexinit: bytes) -> AlgorithmLists:
    """What the KEXINIT message of the server lists. Empty when none came, or one that cannot be read."""
    packet = SSHPacket(kexinit)
    try:
        # Message type and cookie.
        packet.get_bytes(17)
        lists = [[name.decode('ascii', 'replace') for name in packet.get_namelist()] for _ in range(6)]
    except PacketDecodeError:
        return {}
    return dict(zip(KINDS, (lists[0], lists[1], lists[2], lists[4]), strict=True))


def chosen(kind: str, ours: AlgorithmLists, theirs: AlgorithmLists) -> str:
    """The one that both must use; '' when they have none in common."""
    return next((name for name in ours[kind] if name in theirs[kind]), '')


def missing(ours: AlgorithmLists, theirs: AlgorithmLists) -> str:
    """Which kind has none in common, and what the server offers, for people to read; '' when each kind has one."""
    if not theirs:
        return ''
    for kind in KINDS:
        if kind == 'MAC' and chosen('cipher', ours, theirs) in _AEAD:
            continue
        if not chosen(kind, ours, theirs):
            return f'{kind}: it offers {shown(", ".join(theirs[kind]), 300) or "nothing"}'
    return ''
