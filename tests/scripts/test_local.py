"""What the scripts of the local environment share: steps, ports, Terraform's folder."""

import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.scripts.checkout import Checkout

# as tflocal does: an interrupt is passed on, here after the one of the process group has arrived
_TFLOCAL = f"""#!{sys.executable}
import signal, subprocess, time
def forward(number, _frame):
    time.sleep(0.2)
    process.send_signal(number)
signal.signal(signal.SIGINT, forward)
process = subprocess.Popen(["terraform"])
process.communicate()
"""
# ends a second after the first interrupt
_TERRAFORM = f"""exec {sys.executable} -c '
import signal, time
from pathlib import Path
interrupts = []
signal.signal(signal.SIGINT, lambda number, _frame: interrupts.append(number))
Path("started").touch()
while not interrupts:
    time.sleep(0.02)
end = time.monotonic() + 1
while time.monotonic() < end:
    time.sleep(0.02)
Path("interrupts").write_text(str(len(interrupts)))'
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    checkout = Checkout(tmp_path / "check out.clone")
    (checkout.path / ".local").mkdir()
    return checkout


def _leftovers(checkout: Checkout) -> list[str]:
    return [path.name for path in (checkout.path / ".local").iterdir()]


def test_step_shows_output_only_if_it_fails(checkout: Checkout) -> None:
    well = checkout.shell("step 'a step' echo output")
    failed = checkout.shell("step 'a step' sh -c 'echo output; exit 3'")

    assert re.fullmatch(r"ok a step \(\d s\)\n", well.stdout)
    assert failed.returncode == 1
    assert "  output\n" in failed.stderr
    assert "a step failed with exit status 3" in failed.stderr
    assert _leftovers(checkout) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_step_says_so_and_cleans_up(checkout: Checkout, number: signal.Signals) -> None:
    # a command that ends in order, as terraform does
    command = "trap 'echo ended >ended; exit 1' INT; echo >started; while :; do sleep 0.05; done"
    with checkout.background_shell(f'step "a user\'s step" bash -c "{command}"') as process:
        deadline = time.monotonic() + 20
        while not (checkout.path / "started").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, number)
        said, _ = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "interrupted: a user's step" in said
    assert (checkout.path / "ended").exists()
    assert _leftovers(checkout) == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        ([2], ""),
        ([3], "  waiting ... 3 s\n"),
        ([3, 4, 12], "  waiting ... 3 s\n"),
        ([3, 13], "  waiting ... 3 s\n  waiting ... 13 s\n"),
    ],
)
def test_progress_after_3_seconds_and_then_every_10(
    checkout: Checkout, seconds: list[int], said: str
) -> None:
    commands = "; ".join(f"SECONDS={second}; progress 0 waiting" for second in seconds)

    assert checkout.shell(commands).stdout == said


def test_processes_are_found_by_their_exact_arguments(checkout: Checkout) -> None:
    loop = "while :; do sleep 0.1; done"
    with checkout.background("/bin/sh", "-c", loop, "--path", "a.b c") as process:
        deadline = time.monotonic() + 20
        while "a.b c" not in Path(f"/proc/{process.pid}/cmdline").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        found = checkout.shell("processes_with --path 'a.b c'").stdout.split()
        others = [["--path", "a-b c"], ["--path", "a.b"], ["a.b c", "--path"], ["--path", "a*c"]]
        for arguments in others:
            quoted = " ".join(f"'{argument}'" for argument in arguments)
            assert checkout.shell(f"processes_with {quoted}").stdout == ""

    assert found == [str(process.pid)]


def test_state_moves_to_another_port(checkout: Checkout) -> None:
    """Terraform knows a queue by its URL, which holds the port."""
    checkout.write(".local/infra/port", "4680")
    checkout.write(".local/localstack.port", "4681")
    attributes = {
        "id": "http://sqs.us-east-1.localhost:4680/000000000000/queue",
        "arn": "arn:aws:sqs:us-east-1:000000000000:queue",
        "other": "http://localhost:46800/",
        "timeout": 4680,
    }
    state = checkout.write(".local/infra/terraform.tfstate", json.dumps({"a": [attributes]}))

    assert checkout.shell("move_infra").returncode == 0

    moved = attributes | {"id": "http://sqs.us-east-1.localhost:4681/000000000000/queue"}
    assert json.loads(state.read_text()) == {"a": [moved]}
    assert (checkout.path / ".local/infra/port").read_text() == "4681"


def test_terraform_goes_to_the_port_of_this_checkout(checkout: Checkout) -> None:
    checkout.write(".local/localstack.port", "4681")
    tflocal = checkout.write(
        ".venv/bin/tflocal", "#!/bin/sh\necho $AWS_ENDPOINT_URL $S3_HOSTNAME $*\n"
    )
    tflocal.chmod(0o755)

    here = checkout.shell("tf . plan -no-color")
    elsewhere = checkout.shell("tf . plan", AWS_ENDPOINT_URL="http://localhost:4572")

    assert here.stdout == "http://localhost:4681 localhost plan -no-color\n"
    assert elsewhere.stdout == "http://localhost:4572 localhost plan\n"


def test_interrupt_reaches_terraform_once(checkout: Checkout) -> None:
    """At the second one, terraform exits without writing its state."""
    checkout.write(".venv/bin/tflocal", _TFLOCAL).chmod(0o755)
    checkout.fake("terraform", _TERRAFORM)
    with checkout.background_shell("step 'an apply' tf . apply") as process:
        deadline = time.monotonic() + 20
        while not (checkout.path / "started").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=20)

    assert process.returncode == 130
    assert "interrupted: an apply" in said
    assert (checkout.path / "interrupts").read_text() == "1"
