"""A function's layers, merged into one folder: its /opt.

https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
"""

import hashlib
import shutil
import tempfile
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import FunctionVersion


def prepare(function_version: FunctionVersion) -> None:
    """Unpack the layers in the function's order: files of later layers replace earlier ones."""
    layers = function_version.config.layers
    for layer in layers:
        layer.code.prepare_for_execution()
    if len(layers) > 1:
        merged = _merged_folder(function_version)
        for layer in layers:
            shutil.copytree(
                layer.code.get_unzipped_code_location(), merged, symlinks=True, dirs_exist_ok=True
            )


def folder(function_version: FunctionVersion) -> Path | None:
    """Where `prepare` put the layers; None without layers."""
    layers = function_version.config.layers
    if len(layers) == 1:
        location: Path = layers[0].code.get_unzipped_code_location()
        return location
    return _merged_folder(function_version) if layers else None


def clean_up(function_version: FunctionVersion) -> None:
    if len(function_version.config.layers) > 1:
        shutil.rmtree(_merged_folder(function_version), ignore_errors=True)


def module_path(layers: Path | None, runtime: str) -> list[Path]:
    """The layers' folders on the module path of a runtime such as `python3.11`, in AWS's order."""
    if layers is None:
        return []
    candidates = [layers / "python" / "lib" / runtime / "site-packages", layers / "python"]
    return [path for path in candidates if path.is_dir()]


def _merged_folder(function_version: FunctionVersion) -> Path:
    # an update gives the version a new revision before the old one is cleaned up
    revision = f"{function_version.qualified_arn} {function_version.config.internal_revision}"
    name = hashlib.sha256(revision.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir(), "lambda-layers", name)
