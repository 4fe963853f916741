"""What the tests of SNMP v3's security share: a user, and pysnmp as the other side."""

import itertools

from pyasn1.type.univ import OctetString
from pysnmp.entity import config
from pysnmp.proto.secmod.rfc3414.service import SnmpUSMSecurityModel

from netops_worker.probes.snmp.usm import SecurityUser
from netops_worker.secrets import Secret

ENGINE = bytes.fromhex('000000000000000000000002')
OTHER_ENGINE = bytes.fromhex('80001f8804746573740a')
PASSPHRASE = b'maplesyrup'

# Identifiers, by which pysnmp finds its services. Where it does not say Blumenthal, it extends keys as Reeder does.
PYSNMP_AUTH = {
    'MD5': config.USM_AUTH_HMAC96_MD5,
    'SHA': config.USM_AUTH_HMAC96_SHA,
    'SHA-224': config.USM_AUTH_HMAC128_SHA224,
    'SHA-256': config.USM_AUTH_HMAC192_SHA256,
    'SHA-384': config.USM_AUTH_HMAC256_SHA384,
    'SHA-512': config.USM_AUTH_HMAC384_SHA512,
}
PYSNMP_PRIV = {
    'DES': config.USM_PRIV_CBC56_DES,
    '3DES': config.USM_PRIV_CBC168_3DES,
    'AES': config.USM_PRIV_CFB128_AES,
    'AES-192': config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    'AES-256': config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    'AES-192-C': config.USM_PRIV_CFB192_AES,
    'AES-256-C': config.USM_PRIV_CFB256_AES,
}
PAIRS = list(itertools.product(PYSNMP_AUTH, PYSNMP_PRIV))


def user(auth='SHA', priv='AES', *, auth_passphrase='authentic-1', priv_passphrase='private-2'):
    return SecurityUser(
        'lab',
        auth,
        None if auth is None else Secret(auth_passphrase),
        priv,
        None if priv is None else Secret(priv_passphrase),
    )


def pysnmp_auth(name):
    return SnmpUSMSecurityModel.AUTH_SERVICES[PYSNMP_AUTH[name]]


def pysnmp_priv(name):
    return SnmpUSMSecurityModel.PRIV_SERVICES[PYSNMP_PRIV[name]]


def pysnmp_priv_key(auth, priv, passphrase):
    service = pysnmp_priv(priv)
    master = service.hash_passphrase(PYSNMP_AUTH[auth], passphrase)
    return OctetString(service.localize_key(PYSNMP_AUTH[auth], master, OctetString(ENGINE)))
