import pytest

from api.settings import ApiSettings
from pipeline.environment import Environment, SettingsError
from tests.lambdas.builders import API_ENVIRONMENT, API_SETTINGS


def test_api_settings_are_read_from_the_environment() -> None:
    assert ApiSettings.from_environment(Environment(API_ENVIRONMENT)) == API_SETTINGS


def test_api_may_have_regions() -> None:
    variables = API_ENVIRONMENT | {"REDACTION_REGIONS": "US,PL"}

    settings = ApiSettings.from_environment(Environment(variables))

    assert settings.redaction_regions == ("PL", "US")


@pytest.mark.parametrize("key", API_ENVIRONMENT)
def test_missing_api_setting_is_named(key: str) -> None:
    variables = {name: value for name, value in API_ENVIRONMENT.items() if name != key}

    with pytest.raises(SettingsError, match=f"{key} is not set"):
        ApiSettings.from_environment(Environment(variables))
