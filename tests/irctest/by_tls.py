"""Lets irctest's clients speak TLS. Its own speak none to a server."""

import atexit
import functools
import os
from pathlib import Path
import shutil
import ssl
import subprocess
import tempfile
from typing import Any, Tuple

from binary import binary
from irctest.client_mock import ClientMock

# The tests call it 0.0.0.0.
NAME = "localhost"


@functools.lru_cache(maxsize=None)
def certificate() -> Tuple[Path, Path]:
    """A certificate and its key, one for all tests."""
    directory = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, directory)
    paths = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        [binary("chat-server"), "cert", "--certificate", paths[0], "--key", paths[1]],
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return paths


@functools.lru_cache(maxsize=None)
def context() -> ssl.SSLContext:
    """Trusts nothing but the certificate."""
    return ssl.create_default_context(cafile=certificate()[0])


def start() -> None:
    """From here on clients speak TLS, if $IRCTEST_TLS says so."""
    if os.environ.get("IRCTEST_TLS", "") in ("", "0"):
        return
    from websockets.sync import client as websockets

    plain = ClientMock.connect
    plain_websocket = websockets.connect

    def connect(client: ClientMock, hostname: str, port: int) -> None:
        plain(client, hostname, port)
        client.conn = context().wrap_socket(client.conn, server_hostname=NAME)
        client.ssl = True

    def connect_websocket(uri: str, **options: Any) -> websockets.ClientConnection:
        return plain_websocket(uri.replace("ws://", "wss://", 1), ssl=context(), server_hostname=NAME, **options)

    ClientMock.connect = connect
    # Before any test is loaded, which takes it from there.
    websockets.connect = connect_websocket
