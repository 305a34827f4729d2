import pytest

from pipeline.settings import ApiSettings, SettingsError, WorkerSettings

API = {"QUEUE_URL": "https://queue", "MAX_TEXT_CHARS": "16800", "MAX_MESSAGE_BYTES": "262144"}
WORKER = {
    "QUEUE_URL": "https://queue",
    "TABLE_NAME": "processed-logs",
    "PROCESSING_SECONDS_PER_CHAR": "0.05",
    "VISIBILITY_TIMEOUT_SECONDS": "900",
    "CLAIM_MARGIN_SECONDS": "30",
    "RETRY_BASE_SECONDS": "1",
    "RETRY_MAX_SECONDS": "300",
    "MAX_RECEIVE_COUNT": "5",
    "FAULT_INJECTION": "false",
}


def test_api_settings_are_typed() -> None:
    assert ApiSettings.from_environment(API) == ApiSettings(
        queue_url="https://queue", max_text_chars=16_800, max_message_bytes=262_144
    )


def test_worker_settings_are_typed() -> None:
    assert WorkerSettings.from_environment(WORKER) == WorkerSettings(
        queue_url="https://queue",
        table_name="processed-logs",
        seconds_per_char=0.05,
        visibility_timeout=900,
        claim_margin=30,
        retry_base=1,
        retry_max=300,
        max_receive_count=5,
        fault_injection=False,
    )


def test_processing_may_take_no_time() -> None:
    environment = WORKER | {"PROCESSING_SECONDS_PER_CHAR": "0"}

    assert WorkerSettings.from_environment(environment).seconds_per_char == 0


@pytest.mark.parametrize("key", WORKER)
def test_missing_key_is_named(key: str) -> None:
    environment = {name: value for name, value in WORKER.items() if name != key}

    with pytest.raises(SettingsError, match=f"{key} is not set"):
        WorkerSettings.from_environment(environment)


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("TABLE_NAME", "", "TABLE_NAME is not set"),
        ("CLAIM_MARGIN_SECONDS", "0", "CLAIM_MARGIN_SECONDS is '0': .* at least 1"),
        ("CLAIM_MARGIN_SECONDS", "30s", "CLAIM_MARGIN_SECONDS is '30s': it must be a whole number"),
        ("RETRY_MAX_SECONDS", "-1", "RETRY_MAX_SECONDS is '-1'"),
        ("RETRY_MAX_SECONDS", "٣", "RETRY_MAX_SECONDS is '٣'"),
        ("RETRY_BASE_SECONDS", "1.5", "RETRY_BASE_SECONDS is '1.5'"),
        ("PROCESSING_SECONDS_PER_CHAR", "fast", "PROCESSING_SECONDS_PER_CHAR is 'fast'"),
        ("PROCESSING_SECONDS_PER_CHAR", "-0.1", "a number of seconds, 0 or more"),
        ("PROCESSING_SECONDS_PER_CHAR", "nan", "a number of seconds, 0 or more"),
        ("PROCESSING_SECONDS_PER_CHAR", "inf", "a number of seconds, 0 or more"),
        ("FAULT_INJECTION", "yes", "FAULT_INJECTION is 'yes': it must be true or false"),
    ],
)
def test_wrong_value_is_named_with_its_key(key: str, value: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint):
        WorkerSettings.from_environment(WORKER | {key: value})
