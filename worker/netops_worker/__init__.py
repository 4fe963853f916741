"""The engine of NetOps for NetBox and its external worker. Imports neither Django nor `netbox_netops`."""

__version__ = '0.1.0'
