"""Which stack a command is for, and which part of it. Imports nothing slow."""

from enum import StrEnum
from pathlib import Path

from rdp import checkout


class Target(StrEnum):
    LOCAL = "local"
    AWS = "aws"

    @property
    def infra(self) -> Path:
        """Terraform's working folder."""
        return checkout.LOCAL_INFRA if self is Target.LOCAL else checkout.ROOT / "infra"

    @property
    def deploy_command(self) -> str:
        return "make up" if self is Target.LOCAL else "make deploy"


class Part(StrEnum):
    """What writes a log: the functions and the HTTP API (its access log)."""

    API = "api"
    WORKER = "worker"
    ACCESS = "access"
