import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from scripts.package import (
    PACKAGES,
    SOURCES,
    PackagingError,
    collect_entries,
    is_shipped,
    write_package,
)

# Imports a handler, logs and counts, so that Powertools imports what it needs only then.
USE_FUNCTION = """
import importlib, sys
importlib.import_module(sys.argv[1])
from pipeline.telemetry import Telemetry
telemetry = Telemetry.from_environment()
telemetry.error("event", detail="value")
telemetry.count("Count", "event", {"detail": "value"}, {"Seconds": 1.0})
for module in list(sys.modules.values()):
    print(getattr(module, "__file__", None) or "", file=sys.stderr)
"""


def files_used_by(function: str) -> list[Path]:
    used = subprocess.run(  # noqa: S603
        [sys.executable, "-c", USE_FUNCTION, f"{function}.handler"],
        cwd=SOURCES,
        env=os.environ
        | {
            "PROJECT": "test",
            "POWERTOOLS_SERVICE_NAME": function,
            "POWERTOOLS_METRICS_NAMESPACE": "Test",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(line) for line in used.stderr.splitlines() if line]


@pytest.mark.parametrize("package", PACKAGES)
def test_package_has_every_module_that_its_function_imports(package: str) -> None:
    used = files_used_by(package.removesuffix(".zip"))

    ours = {path.relative_to(SOURCES).parts[0] for path in used if path.is_relative_to(SOURCES)}
    assert ours == set(PACKAGES[package])
    powertools = [
        Path(*path.parts[path.parts.index("aws_lambda_powertools") :])
        for path in used
        if "aws_lambda_powertools" in path.parts
    ]
    assert powertools
    assert [path for path in powertools if not is_shipped(path)] == []


@pytest.mark.parametrize(
    "name",
    [
        "api/__pycache__/app.cpython-311.pyc",
        "api/.app.py.swp",
        "bin/jp.py",
        "jmespath-1.1.0.dist-info/RECORD",
        "aws_lambda_powertools/logging/logger.pyi",
        "aws_lambda_powertools/event_handler/api_gateway.py",
        "aws_lambda_powertools/utilities/idempotency/base.py",
    ],
)
def test_unused_files_are_left_out(name: str) -> None:
    assert not is_shipped(Path(name))


@pytest.mark.parametrize(
    "name",
    [
        "api/app.py",
        "jmespath-1.1.0.dist-info/METADATA",
        "jmespath-1.1.0.dist-info/licenses/LICENSE",
        "aws_lambda_powertools/utilities/__init__.py",
        "aws_lambda_powertools/utilities/jmespath_utils/__init__.py",
    ],
)
def test_used_files_are_shipped(name: str) -> None:
    assert is_shipped(Path(name))


def test_same_files_make_the_same_bytes_whatever_their_order_time_and_mode(tmp_path: Path) -> None:
    for number, names in enumerate((["b.py", "a.py"], ["a.py", "b.py"])):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in names:
            (folder / name).write_text(f"# {name}\n")
            (folder / name).chmod(0o600 + 0o111 * number)
            os.utime(folder / name, (1_000_000_000 * number,) * 2)

    first, second = (
        write_package(
            tmp_path / f"{number}.zip", collect_entries([tmp_path / str(number)]), tmp_path
        )
        for number in range(2)
    )

    assert first.sha256 == second.sha256
    assert ZipFile(first.path).namelist() == ["a.py", "b.py"]


def test_file_that_is_also_in_a_dependency_is_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.py").touch()

    with pytest.raises(PackagingError, match=r"a\.py is in our code and in a dependency"):
        collect_entries([tmp_path / "one", tmp_path / "two"])
