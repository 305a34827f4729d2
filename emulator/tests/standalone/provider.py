"""Where `terraform init` gets its provider from, on machines that may not reach the registry."""

import os
import platform
import urllib.request
from collections.abc import Iterator
from glob import glob
from pathlib import Path

REGISTRY = "https://registry.terraform.io/.well-known/terraform.json"
VERSION = "5.100.0"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
# where people and packages put add-on software
PLACES = (
    "~/.terraform.d/plugins",
    "~/.terraform.d/plugin-cache",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform",
    "/usr/share/terraform/*",
    "/opt",
    "/opt/*",
    "/opt/*/*",
    "/usr/local",
    "/usr/local/*",
    "/usr/local/*/*",
)


def terraform_environment(folder: Path) -> dict[str, str] | None:
    """The variables that make Terraform find the provider; None where it can't be had.

    What the user configured comes first (TF_CLI_CONFIG_FILE, TF_PLUGIN_MIRROR), then the registry,
    then a mirror that is found by its layout.
    """
    configured = os.environ.get("TF_CLI_CONFIG_FILE")
    if configured and Path(configured).is_file():
        return {"TF_CLI_CONFIG_FILE": configured}
    mirror = _configured_mirror()
    if mirror is None and _answers(REGISTRY):
        return {}
    mirror = mirror or next(filter(_has_provider, _places()), None)
    if mirror is None:
        return None
    file = folder / "terraform.rc"
    file.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    return {"TF_CLI_CONFIG_FILE": str(file)}


def _configured_mirror() -> Path | None:
    mirror = os.environ.get("TF_PLUGIN_MIRROR")
    return Path(mirror) if mirror else None


def _places() -> Iterator[Path]:
    for place in PLACES:
        yield from map(Path, glob(str(Path(place).expanduser())))  # noqa: PTH207 - absolute patterns


def _has_provider(place: Path) -> bool:
    name = f"linux_{ARCHITECTURES.get(platform.machine(), platform.machine())}"
    return (place / "registry.terraform.io" / "hashicorp" / "aws" / VERSION / name).is_dir()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=3):  # noqa: S310 - https
            return True
    except OSError:
        return False
