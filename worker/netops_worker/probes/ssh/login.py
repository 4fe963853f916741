"""What a login uses, and what was observed on the way. No SSH in here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from netops_worker.errors import NetOpsError
from netops_worker.probes.ssh.algorithms import Algorithms
from netops_worker.secrets import Secret

__all__ = (
    'Login',
    'Observed',
)


@dataclass(frozen=True, slots=True)
class Login:
    """`password` or `key` (an asyncssh.SSHKey), never both. `host_key_types`: those to ask for first.

    `judge(type, fingerprint)` is asked before anything secret is sent, and raises NetOpsError to forbid that.
    """

    address: str
    port: int
    username: str
    algorithms: Algorithms
    judge: Callable[[str, str], None]
    password: Secret | None = None
    key: Any = None
    host_key_types: tuple[str, ...] = ()


@dataclass(slots=True)
class Observed:
    """What one connection showed. `said`: what came before the SSH identification. `tried`: methods of ours that were
    sent something secret or a key. `offered`: methods that the server named, in its first answer. `partial`: a factor
    was accepted, and another one is wanted. `unanswered`: a prompt that we have no answer to. `signature`: with what
    a key signed. `reached`: how far it came.
    """

    version: str = ''
    banner: str = ''
    said: str = ''
    offered: list[str] = field(default_factory=list)
    kex: str = ''
    cipher: str = ''
    mac: str = ''
    host_key_algorithm: str = ''
    host_key: dict[str, str] | None = None
    tried: list[str] = field(default_factory=list)
    partial: bool = False
    unanswered: str = ''
    password_expired: bool = False
    signature: str = ''
    reached: str = 'before its identification'
    # What the host key was judged to be: nothing secret leaves before that, nor if it was bad.
    judged: bool = False
    refusal: NetOpsError | None = None

    @property
    def proven(self) -> bool:
        """Whether the secret was used: to show a public key takes none."""
        return bool(self.signature) or any(method != 'publickey' for method in self.tried)

    def server(self) -> dict[str, Any]:
        return {
            'version': self.version,
            'banner': self.banner,
            'auth_methods': list(self.offered),
            'kex': self.kex,
            'cipher': self.cipher,
            'mac': self.mac,
            'host_key_algorithm': self.host_key_algorithm,
        }
