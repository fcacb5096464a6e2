"""Runs irctest (https://github.com/progval/irctest) against chat-server. See README.md."""

import collections
import functools
import json
import shutil
import subprocess
from typing import Dict, Optional, Set, Type, Union

from binary import binary
import by_tls
from irctest import patma
from irctest.basecontrollers import BaseServerController, DirectoryBasedController
from irctest.cases import BaseServerTestCase
from irctest.runner import NotImplementedByController
from irctest.specifications import Capabilities, OptionalBehaviors

CONFIG = """
[server]
name = "My.Little.Server"
network = "Testnet"
motd = "Welcome"
{password}

[tls]
certificate = {certificate}
key = {key}
sts_seconds = 3600

[rooms]
default = []

[accounts]
scram_iterations = 4096
password_bytes_min = 1
registrations_max = 1000
register_before_connect = {before_connect}
always_on = {always_on}

[[opers]]
name = "operuser"
password = {oper_password}
"""


@functools.lru_cache(maxsize=None)
def hashed(password: str) -> str:
    result = subprocess.run(
        [binary("chat-server"), "hash-password"], input=password + "\n", stdout=subprocess.PIPE, text=True, check=True
    )
    return result.stdout.strip()


class ChatServerController(BaseServerController, DirectoryBasedController):
    software_name = "chat-server"
    software_version = None
    supports_sts = True
    supported_sasl_mechanisms: Set[str] = {"PLAIN", "SCRAM-SHA-256"}
    extban_mute_char = "m"
    _port_wait_interval = 0.01

    capabilities = frozenset(
        (
            Capabilities.ACCOUNT_NOTIFY,
            Capabilities.ACCOUNT_TAG,
            Capabilities.AWAY_NOTIFY,
            Capabilities.BATCH,
            Capabilities.ECHO_MESSAGE,
            Capabilities.EXTENDED_JOIN,
            Capabilities.EXTENDED_MONITOR,
            Capabilities.LABELED_RESPONSE,
            Capabilities.MESSAGE_TAGS,
            Capabilities.MULTI_PREFIX,
            Capabilities.SERVER_TIME,
            Capabilities.SETNAME,
        )
    )

    optional_behaviors = frozenset(
        (
            OptionalBehaviors.BAN_EXCEPTION_MODE,
            OptionalBehaviors.CAP_REQ_MINUS,
            OptionalBehaviors.ELIST_C,
            OptionalBehaviors.ELIST_M,
            OptionalBehaviors.ELIST_N,
            OptionalBehaviors.ELIST_T,
            OptionalBehaviors.ELIST_U,
            OptionalBehaviors.INVITE_EXCEPTION_MODE,
            OptionalBehaviors.INVITE_LIST,
            OptionalBehaviors.INVITE_OVERRIDES_LIMIT,
            OptionalBehaviors.MULTI_JOIN,
            OptionalBehaviors.MULTI_KICK,
            OptionalBehaviors.MULTI_NAMES_COMMAND,
            OptionalBehaviors.MULTI_PRIVMSG,
            OptionalBehaviors.NO_CTCP,
            OptionalBehaviors.SASL_AFTER_REGISTRATION,
            OptionalBehaviors.SASL_REAUTHENTICATION,
        )
    )

    isupport: Dict[str, Union[str, patma.Operator, None]] = {
        "BOT": "B",
        "CASEMAPPING": "ascii",
        "ELIST": "CMNTU",
        "INVEX": patma.ANYOPTSTR,
        "MONITOR": patma.ANYSTR,
        "PREFIX": "(qaohv)~&@%+",
        "STATUSMSG": "~&@%+",
        "TARGMAX": patma.ANYSTR,
        "UTF8ONLY": None,
        "WHOX": None,
    }

    def wait_for_services(self) -> None:
        """Services are a part of the server."""

    def registerUser(self, case: BaseServerTestCase, username: str, password: Optional[str] = None) -> None:
        assert password and self.directory
        subprocess.run(
            [
                binary("chat-server"),
                "account",
                "add",
                username,
                "--config",
                self.directory / "config.toml",
                "--data",
                self.directory / "data",
            ],
            input=password + "\n",
            stdout=subprocess.DEVNULL,
            text=True,
            check=True,
        )

    def wants_always_on(self) -> bool:
        """Tests say so in the way of another server's configuration."""
        if self.test_config.ergo_config is None:
            return False
        config = collections.defaultdict(lambda: collections.defaultdict(dict))
        self.test_config.ergo_config(config)
        return "always-on" in config["accounts"]["multiclient"]

    def run(
        self,
        hostname: str,
        port: int,
        *,
        password: Optional[str],
        ssl: bool,
        run_services: bool,
        faketime: Optional[str],
        websocket_hostname: Optional[str],
        websocket_port: Optional[int],
    ) -> None:
        if self.test_config.account_registration_requires_email:
            raise NotImplementedByController("e-mail addresses that are required")
        assert self.proc is None
        self.hostname = hostname
        self.port = port
        self.create_config()
        assert self.directory
        # Every port speaks both, so `ssl` is only a matter of what clients do.
        certificate, key = by_tls.certificate()
        # A JSON string is a TOML string.
        password_line = f"password = {json.dumps(hashed(password))}" if password else ""
        with self.open_file("config.toml") as file:
            file.write(
                CONFIG.format(
                    password=password_line,
                    certificate=json.dumps(str(certificate)),
                    key=json.dumps(str(key)),
                    oper_password=json.dumps(hashed("operpassword")),
                    always_on=json.dumps(self.wants_always_on()),
                    before_connect=json.dumps(self.test_config.account_registration_before_connect),
                )
            )
        addresses = [f"{hostname}:{port}"]
        if websocket_hostname is not None:
            # These tests look at what comes over one connection right after they have sent something
            # over another. Each has a thread of its own: nothing says which is faster.
            self.sync_sleep_time = 0.1
            addresses.append(f"{websocket_hostname}:{websocket_port}")
        faked = ["faketime", "-f", faketime] if faketime and shutil.which("faketime") else []
        self.faketime_enabled = bool(faked)
        self.proc = self.execute(
            [
                *faked,
                binary("chat-server"),
                *(argument for address in addresses for argument in ("--listen", address)),
                "--config",
                self.directory / "config.toml",
                "--data",
                self.directory / "data",
            ]
        )


def get_irctest_controller_class() -> Type[ChatServerController]:
    by_tls.start()
    return ChatServerController
