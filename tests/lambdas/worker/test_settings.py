import pytest

from pipeline.environment import Environment, SettingsError
from tests.lambdas.builders import WORKER_ENVIRONMENT, WORKER_SETTINGS
from worker.settings import WorkerSettings


def test_worker_settings_are_read_from_the_environment() -> None:
    assert WorkerSettings.from_environment(Environment(WORKER_ENVIRONMENT)) == WORKER_SETTINGS


def test_worker_may_have_regions() -> None:
    variables = WORKER_ENVIRONMENT | {"REDACTION_REGIONS": "US,PL"}

    settings = WorkerSettings.from_environment(Environment(variables))

    assert settings.redaction_regions == ("PL", "US")


@pytest.mark.parametrize("key", WORKER_ENVIRONMENT)
def test_missing_worker_setting_is_named(key: str) -> None:
    variables = {name: value for name, value in WORKER_ENVIRONMENT.items() if name != key}

    with pytest.raises(SettingsError, match=f"{key} is not set"):
        WorkerSettings.from_environment(Environment(variables))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PROCESSING_SECONDS_PER_CHAR", "-1"),
        ("VISIBILITY_TIMEOUT_SECONDS", "0"),
        ("CLAIM_MARGIN_SECONDS", "0"),
        ("RETRY_BASE_SECONDS", "-1"),
        ("RETRY_MAX_SECONDS", "0"),
        ("STORE_RETRY_BASE_SECONDS", "soon"),
        ("STORE_RETRY_MAX_SECONDS", "0"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0"),
        ("RECORD_RETENTION_DAYS", "-1"),
        ("STORE_ORIGINAL_TEXT", "no"),
        ("MAX_RECEIVE_COUNT", "0"),
        ("FAULT_INJECTION", "yes"),
    ],
)
def test_worker_setting_out_of_range_is_named(key: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{key} is '{value}': it must be"):
        WorkerSettings.from_environment(Environment(WORKER_ENVIRONMENT | {key: value}))
