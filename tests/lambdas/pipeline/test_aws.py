import re
from pathlib import Path

from pipeline.aws import Patience

_VARIABLES = Path(__file__).parent.parent.parent.parent / "infra" / "variables.tf"


def test_each_message_of_the_largest_batch_has_a_connection() -> None:
    [largest] = re.findall(r"var\.worker_batch_size <= (\d+)\n", _VARIABLES.read_text())

    config = Patience(attempts=2, read_seconds=5).config()

    assert config.max_pool_connections >= int(largest)  # type: ignore[attr-defined]
