"""Runs irctest's tests of clients against chat-client. See README.md."""

import os
from pathlib import Path
import subprocess
from typing import List, Optional, Set, Type, Union

from binary import binary
from irctest.authentication import Authentication
from irctest.basecontrollers import BaseClientController, DirectoryBasedController
from irctest.tls import TlsConfig


class ChatClientController(BaseClientController, DirectoryBasedController):
    software_name = "chat-client"
    supports_sts = True
    supported_sasl_mechanisms: Set[str] = {"PLAIN", "SCRAM-SHA-256"}

    def run(
        self,
        hostname: str,
        port: int,
        auth: Optional[Authentication],
        tls_config: Optional[TlsConfig] = None,
    ) -> None:
        assert self.proc is None
        self.create_config()
        assert self.directory
        # The tests listen everywhere. STS is about names, not about addresses.
        host = "localhost" if hostname == "0.0.0.0" else hostname
        command: List[Union[str, Path]] = [binary("chat-client"), f"{host}:{port}", "--nick", "tester"]
        if auth and auth.username and auth.password:
            password = self.directory / "password"
            password.touch(mode=0o600)
            password.write_text(auth.password + "\n")
            command += ["--account", auth.username, "--password-file", password]
        if tls_config and tls_config.enable:
            command.append("--tls")
        if tls_config and tls_config.trusted_fingerprints:
            [fingerprint] = tls_config.trusted_fingerprints
            command += ["--tls-fingerprint", fingerprint]
        environment = {**os.environ, "XDG_STATE_HOME": str(self.directory)}
        # One test wants to see a second connection, after one that ended before the welcome.
        twice = ["sh", "-c", '"$@"; "$@"', "twice"]
        self.proc = self.execute([*twice, *command], stdin=subprocess.PIPE, env=environment)


def get_irctest_controller_class() -> Type[ChatClientController]:
    return ChatClientController
