"""Where what is tested is, once it is built."""

import os
from pathlib import Path

WORKSPACE = Path(__file__).resolve().parents[2]


def binary(name: str) -> Path:
    """What $CHAT_SERVER or $CHAT_CLIENT says, or what was built last."""
    variable = name.upper().replace("-", "_")
    if variable in os.environ:
        return Path(os.environ[variable])
    target = Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target"))
    built = [target / profile / name for profile in ("release", "debug")]
    built = [path for path in built if path.exists()]
    if not built:
        raise FileNotFoundError(f"no {name} is built; `cargo build -p {name}`, or set {variable}")
    return max(built, key=lambda path: path.stat().st_mtime)
