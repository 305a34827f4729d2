#!/usr/bin/env python3
"""Builds the functions' packages, build/api.zip and build/worker.zip.

The same sources and lock file give the same bytes on every machine: entries are sorted, times and
modes are fixed, nothing is compressed (the output of deflate differs between zlib and zlib-ng), and
files that only an installer needs are left out. A package has its function's own code, what all
functions share, and the parts of the dependencies that they use.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "lambdas"
LOCK = ROOT / "uv.lock"

PYTHON_VERSION = "3.11"
PACKAGES: Mapping[str, tuple[str, ...]] = {
    "api.zip": ("api", "pipeline"),
    "worker.zip": ("worker", "pipeline"),
}

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3
REGULAR_FILE_644 = 0o100644 << 16

# .js and .css: Powertools has a Swagger UI of 1.7 MB.
UNUSED_SUFFIXES = frozenset({".pyc", ".pyi", ".js", ".css"})
UNUSED_FOLDERS = frozenset({"__pycache__", "bin", "tests"})
BINARY_SUFFIXES = frozenset({".so", ".pyd", ".dylib"})


class PackagingError(Exception):
    """Names the problem and how to solve it, for the person at the terminal."""


@dataclass(frozen=True)
class Package:
    path: Path
    sha256: str
    bytes: int
    files: int


def main() -> int:
    arguments = parse_arguments()
    try:
        package(arguments.output, force=arguments.force)
    except PackagingError as error:
        sys.stderr.write(f"package: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Build the functions' packages: same sources and lock file, same bytes.",
        epilog="uv is taken from $UV if set, then PATH, then .local/tools/bin/uv.",
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "build", help="folder of the zips (default: build)"
    )
    parser.add_argument("--force", action="store_true", help="build even if nothing changed")
    return parser.parse_args()


def package(output: Path, *, force: bool) -> None:
    stamp = output / "package.json"
    inputs = digest_of_inputs()
    if not force and is_current(stamp, inputs):
        report(f"packages are up to date: {', '.join(PACKAGES)} in {shown(output)}")
        return

    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".package-") as scratch:
        dependencies = Path(scratch) / "dependencies"
        install_dependencies(dependencies)
        built = []
        for name, folders in PACKAGES.items():
            sources = [SOURCES / folder for folder in folders]
            entries = collect_entries([*sources, dependencies])
            built.append(write_package(output / name, entries, Path(scratch)))
    for item in built:
        size = f"{item.bytes:,} bytes  {item.files} files"
        report(f"{shown(item.path)}  {size}  sha256 {item.sha256}")
    stamp.write_text(
        json.dumps({"inputs": inputs, "packages": {item.path.name: item.sha256 for item in built}})
    )


# What goes into a package --------------------------------------------------------------------


def digest_of_inputs() -> str:
    folders = sorted({folder for names in PACKAGES.values() for folder in names})
    sources = [path for folder in folders for path in shipped_files(SOURCES / folder)]
    digest = hashlib.sha256()
    for path in [Path(__file__).resolve(), LOCK, *sources]:
        name = path.relative_to(ROOT).as_posix()
        digest.update(f"{name}\0{sha256_of(path)}\n".encode())
    return digest.hexdigest()


def is_current(stamp: Path, inputs: str) -> bool:
    try:
        made = json.loads(stamp.read_text())
        return bool(
            made["inputs"] == inputs
            and made["packages"] == {name: sha256_of(stamp.parent / name) for name in PACKAGES}
        )
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return False


def shipped_files(folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise PackagingError(f"{shown(folder)} is missing: is the checkout complete?")
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_shipped(path.relative_to(folder)):
            yield path


def is_shipped(path: Path) -> bool:
    if any(part.startswith(".") or part in UNUSED_FOLDERS for part in path.parts):
        return False
    if path.parts[0].endswith(".dist-info"):
        return is_needed_metadata(path)
    return path.suffix not in UNUSED_SUFFIXES and not is_unused_powertools(path)


def is_unused_powertools(path: Path) -> bool:
    """The event handlers and most utilities: tests/scripts/test_package.py checks that no function
    imports them. They are nine tenths of Powertools."""
    match path.parts:
        case ("aws_lambda_powertools", "event_handler", *_):
            return True
        case ("aws_lambda_powertools", "utilities", utility, _, *_):
            return utility != "jmespath_utils"
    return False


def is_needed_metadata(path: Path) -> bool:
    """The name and version, which importlib.metadata reads, and the licence."""
    return path.name == "METADATA" or "LICEN" in path.name.upper()


# Dependencies --------------------------------------------------------------------------------


def install_dependencies(target: Path) -> None:
    """Installs the functions' locked dependencies, verified by hash."""
    requirements = target.with_suffix(".txt")
    run_uv(
        "export",
        *("--frozen", "--only-group", "functions"),
        *("--no-header", "--no-annotate", "--output-file", str(requirements)),
    )
    run_uv(
        *("pip", "install", "--target", str(target), "--python-version", PYTHON_VERSION),
        *("--no-deps", "--require-hashes", "--only-binary", ":all:", "--link-mode", "copy"),
        *("--requirements", str(requirements)),
    )
    refuse_binaries(target)


def refuse_binaries(folder: Path) -> None:
    binaries = [path for path in folder.rglob("*") if path.suffix in BINARY_SUFFIXES]
    if binaries:
        names = ", ".join(path.relative_to(folder).as_posix() for path in binaries)
        raise PackagingError(
            f"{names}: compiled for one platform, but the packages must run on arm64 and x86_64. "
            "Use a pure Python dependency instead."
        )


def run_uv(*arguments: str) -> None:
    command = [find_uv(), "--quiet", *arguments]
    done = subprocess.run(  # noqa: S603 - every argument is ours
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise PackagingError(f"{' '.join(command)} failed:\n{done.stderr.strip()}")


def find_uv() -> str:
    named = os.environ.get("UV")
    own = ROOT / ".local/tools/bin/uv"
    found = shutil.which(named) if named else shutil.which("uv") or shutil.which(own)
    if found is None:
        wanted = f"$UV is {named}" if named else f"neither on PATH nor {shown(own)}"
        raise PackagingError(f"uv is missing ({wanted}): run `make setup`.")
    return found


# The zip -------------------------------------------------------------------------------------


def write_package(path: Path, entries: Mapping[str, Path], scratch: Path) -> Package:
    unfinished = scratch / path.name
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(entries):
            archive.writestr(fixed_entry(name), entries[name].read_bytes())
    unfinished.replace(path)
    return Package(path, sha256_of(path), path.stat().st_size, len(entries))


def collect_entries(folders: Iterable[Path]) -> dict[str, Path]:
    """Entry name to file. Folders of lambdas/ keep their name, dependencies are at the top."""
    entries: dict[str, Path] = {}
    for folder in folders:
        top = folder.parent if folder.parent == SOURCES else folder
        for path in shipped_files(folder):
            name = path.relative_to(top).as_posix()
            if name in entries:
                raise PackagingError(f"{name} is in our code and in a dependency: rename ours.")
            entries[name] = path
    return entries


def fixed_entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, ZIP_EPOCH)
    entry.create_system = UNIX
    entry.external_attr = REGULAR_FILE_644
    return entry


# Helpers -------------------------------------------------------------------------------------


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def report(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
