"""One distribution, two packages: the NetBox plugin and the worker that shares its engine."""

from setuptools import find_packages, setup

plugin = find_packages(include=['netbox_netops', 'netbox_netops.*'])
worker = find_packages('worker', include=['netops_worker', 'netops_worker.*'])

setup(
    packages=plugin + worker,
    package_dir={'netops_worker': 'worker/netops_worker'},
    include_package_data=True,
)
