"""pysnmp as an agent, in a thread of its own: what it says about our messages is an independent opinion."""

import asyncio
import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context

# By which pysnmp finds its services. Where it does not say Blumenthal, it extends keys as Reeder does.
AUTH = {
    'MD5': config.USM_AUTH_HMAC96_MD5,
    'SHA': config.USM_AUTH_HMAC96_SHA,
    'SHA-224': config.USM_AUTH_HMAC128_SHA224,
    'SHA-256': config.USM_AUTH_HMAC192_SHA256,
    'SHA-384': config.USM_AUTH_HMAC256_SHA384,
    'SHA-512': config.USM_AUTH_HMAC384_SHA512,
}
PRIV = {
    'DES': config.USM_PRIV_CBC56_DES,
    '3DES': config.USM_PRIV_CBC168_3DES,
    'AES': config.USM_PRIV_CFB128_AES,
    'AES-192': config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    'AES-256': config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    'AES-192-C': config.USM_PRIV_CFB192_AES,
    'AES-256-C': config.USM_PRIV_CFB256_AES,
}
AUTH_PASSPHRASE, PRIV_PASSPHRASE = 'authentication-1', 'privacy-1'
SYSTEM = (1, 3, 6, 1, 2, 1, 1)
NONE = ''
# User name to authentication and privacy protocol.
USERS = {
    f'{auth or "none"}-{priv or "none"}': (auth, priv)
    for auth, priv in itertools.product((NONE, *AUTH), (NONE, *PRIV))
    if auth or not priv
}


def _users(snmp: engine.SnmpEngine) -> None:
    for name, (auth, priv) in USERS.items():
        level = 'authPriv' if priv else 'authNoPriv' if auth else 'noAuthNoPriv'
        config.add_v3_user(
            snmp, name,
            AUTH.get(auth, config.USM_AUTH_NONE), AUTH_PASSPHRASE if auth else None,
            PRIV.get(priv, config.USM_PRIV_NONE), PRIV_PASSPHRASE if priv else None,
        )  # fmt: skip
        config.add_vacm_user(snmp, 3, name, level, SYSTEM, ())


@contextlib.contextmanager
def pysnmp_agent() -> Iterator[int]:
    """Its port on 127.0.0.1. It has the system group for all USERS."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    endpoint = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    endpoint.bind(('127.0.0.1', 0))

    def serve() -> None:
        asyncio.set_event_loop(loop)
        snmp = engine.SnmpEngine()
        config.add_transport(snmp, udp.DOMAIN_NAME, udp.UdpTransport(loop=loop).open_server_mode(sock=endpoint))
        _users(snmp)
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder, cmdrsp.BulkCommandResponder):
            responder(snmp, context.SnmpContext(snmp))
        loop.call_soon(ready.set)
        loop.run_forever()
        snmp.close_dispatcher()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield endpoint.getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
