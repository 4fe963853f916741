"""Gateways and the workers that serve them, for tests."""

from collections.abc import Mapping
from pathlib import Path

from lab.api import Api
from lab.process import Child, wait_until
from lab.runs import RunDirectory

__all__ = ('make_gateway', 'start_worker')


def make_gateway(api: Api, slug: str, sites: list[int]) -> tuple[int, str]:
    """A gateway of these sites, and a user who may only serve it: (id of the gateway, token of the user)."""
    gateway = api.post('plugins/netops/gateways/', {'name': slug.upper(), 'slug': slug, 'sites': sites})['id']
    user = api.post('users/users/', {'username': slug, 'password': 'Not-used-by-anybody-1'})['id']
    api.post('users/permissions/', {
        'name': f'Serve {slug}', 'object_types': ['netbox_netops.gateway'], 'actions': ['netops_serve'],
        'constraints': {'slug': slug}, 'users': [user],
    })  # fmt: skip
    token = api.post('users/tokens/', {'user': user, 'write_enabled': True, 'version': 2})
    return gateway, token['token'] if '.' in token['token'] else f'nbt_{token["key"]}.{token["token"]}'


def start_worker(
    installed: tuple[Path, Mapping[str, str]], run: RunDirectory, name: str, *arguments: str, env: Mapping[str, str]
) -> Child:
    """A `netops-worker` that serves. `installed`: directory of its program, and environment; `env`: more of that."""
    programs, own = installed
    child = Child(
        name,
        [programs / 'netops-worker', 'run', '--name', name, *arguments],
        log=run.log(name),
        env={**own, **run.env, **env},
    )
    wait_until(lambda: 'serving the gateway' in child.log.read_text(), what=name, timeout=30, child=child)
    return child
