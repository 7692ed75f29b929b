"""Hosts of their own on one machine: Linux network namespaces on one switch.

Nothing of it reaches the machine's own network: the switch, too, lies in a namespace, and the addresses exist only
there.
"""

from __future__ import annotations

import ctypes
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import psutil

from config.embedded.processes import wait_until

NAMESPACES = Path("/run/netns")
PREFIX = "apm-"
#: Nobody has this hardware address, so whatever is sent to it is lost without a word.
NOBODY = "02:00:00:00:00:fe"


class Host:
    """One machine of the network, with one address."""

    def __init__(self, namespace: str, name: str, number: int) -> None:
        self.namespace = namespace
        self.name = name
        self.address = f"10.77.0.{number}"
        self.hardware = f"02:00:00:00:00:{number:02x}"

    @contextmanager
    def entered(self) -> Iterator[None]:
        """What this thread does meanwhile, it does on this host; so do processes and threads that it starts."""
        with open("/proc/thread-self/ns/net") as here, (NAMESPACES / self.namespace).open() as there:
            _set_namespace(there.fileno())
            try:
                yield
            finally:
                _set_namespace(here.fileno())

    def loses(self, other: Host) -> None:
        """From now on nothing that is sent to `other` arrives, and nobody says so."""
        self._send_to(other, NOBODY)

    def finds(self, other: Host) -> None:
        """Undo `loses`."""
        self._send_to(other, other.hardware)

    def _send_to(self, other: Host, hardware: str) -> None:
        entry = [other.address, "lladdr", hardware, "dev", "eth0", "nud", "permanent"]
        _ip("-n", self.namespace, "neigh", "replace", *entry)


class Network:
    """Made when entered; at the end everything that runs on its hosts is killed, and they are gone."""

    def __init__(self, names: list[str]) -> None:
        self._key = f"{PREFIX}{os.getpid()}-{secrets.token_hex(3)}"
        self._switch = f"{self._key}-switch"
        self.hosts = {name: Host(f"{self._key}-{name}", name, number) for number, name in enumerate(names, start=11)}

    def __enter__(self) -> Self:
        remove_leftovers()
        try:
            _ip("netns", "add", self._switch)
            _ip("-n", self._switch, "link", "add", "switch", "type", "bridge")
            _ip("-n", self._switch, "link", "set", "switch", "up")
            for host in self.hosts.values():
                self._connect(host)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        for namespace in _namespaces():
            if namespace.startswith(self._key):
                _remove(namespace)

    def __getitem__(self, name: str) -> Host:
        return self.hosts[name]

    def cut(self, one: str, other: str) -> None:
        """Lose every packet between two hosts, in both directions; both go on with the rest of the network."""
        self[one].loses(self[other])
        self[other].loses(self[one])

    def mend(self, one: str, other: str) -> None:
        """Undo `cut`."""
        self[one].finds(self[other])
        self[other].finds(self[one])

    def _connect(self, host: Host) -> None:
        _ip("netns", "add", host.namespace)
        _ip(
            "link", "add", host.name, "netns", self._switch, "type", "veth",
            "peer", "name", "eth0", "address", host.hardware, "netns", host.namespace,
        )  # fmt: skip
        _ip("-n", self._switch, "link", "set", host.name, "master", "switch", "up")
        _ip("-n", host.namespace, "address", "add", f"{host.address}/24", "dev", "eth0")
        _ip("-n", host.namespace, "link", "set", "lo", "up")
        _ip("-n", host.namespace, "link", "set", "eth0", "up")


def remove_leftovers() -> None:
    """Remove networks whose process was killed before it could."""
    for namespace in _namespaces():
        owner = namespace.removeprefix(PREFIX).partition("-")[0]
        if namespace.startswith(PREFIX) and owner.isdigit() and not psutil.pid_exists(int(owner)):
            _remove(namespace)


def _namespaces() -> list[str]:
    return [entry["name"] for entry in json.loads(_ip("-json", "netns", "list") or "[]")]


def _remove(namespace: str) -> None:
    """Only what was started for this host can be in it."""
    for pid in _inhabitants(namespace):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not _inhabitants(namespace), 10)
    _ip("netns", "delete", namespace)


def _inhabitants(namespace: str) -> list[int]:
    """Other processes than this one."""
    return [int(pid) for pid in _ip("netns", "pids", namespace).split() if int(pid) != os.getpid()]


def _ip(*arguments: str) -> str:
    result = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"ip {' '.join(arguments)}: {result.stderr.strip()}")
    return result.stdout


def _set_namespace(descriptor: int) -> None:
    """setns(2) for this thread; Python has it from 3.12 on."""
    clone_newnet = 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, clone_newnet) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
