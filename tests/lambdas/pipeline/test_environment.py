import pytest

from pipeline.environment import Environment, SettingsError


def test_values_are_typed() -> None:
    environment = Environment({"URL": "https://queue", "COUNT": "5", "TIME": "0.05", "ON": "true"})

    assert environment.text("URL") == "https://queue"
    assert environment.integer("COUNT", minimum=5) == 5
    assert environment.seconds("TIME") == 0.05
    assert environment.boolean("ON") is True


def test_time_may_be_zero() -> None:
    assert Environment({"TIME": "0"}).seconds("TIME") == 0


@pytest.mark.parametrize("variables", [{}, {"REGIONS": ""}, {"REGIONS": ","}])
def test_there_may_be_no_region(variables: dict[str, str]) -> None:
    assert Environment(variables).regions("REGIONS") == ()


def test_regions_are_sorted() -> None:
    assert Environment({"REGIONS": "US, PL,DE,PL"}).regions("REGIONS") == ("DE", "PL", "US")


@pytest.mark.parametrize("value", ["XX", "us", "US,XX", "USA", "US;PL"])
def test_unknown_region_is_named(value: str) -> None:
    bad = value.rpartition(",")[2]

    with pytest.raises(SettingsError, match=f"REGIONS is '{value}': {bad} is not the code"):
        Environment({"REGIONS": value}).regions("REGIONS")


@pytest.mark.parametrize("variables", [{}, {"URL": ""}])
def test_missing_variable_is_named(variables: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="The environment variable URL is not set"):
        Environment(variables).text("URL")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "30s", "٣", "many"])
def test_wrong_integer_is_named(value: str) -> None:
    complaint = f"COUNT is '{value}': it must be a whole number of at least 1"

    with pytest.raises(SettingsError, match=complaint):
        Environment({"COUNT": value}).integer("COUNT", minimum=1)


@pytest.mark.parametrize("value", ["fast", "-0.1", "nan", "inf"])
def test_wrong_time_is_named(value: str) -> None:
    complaint = f"TIME is '{value}': it must be a number of seconds, 0 or more"

    with pytest.raises(SettingsError, match=complaint):
        Environment({"TIME": value}).seconds("TIME")


@pytest.mark.parametrize("value", ["yes", "True", "1"])
def test_wrong_boolean_is_named(value: str) -> None:
    with pytest.raises(SettingsError, match=f"ON is '{value}': it must be true or false"):
        Environment({"ON": value}).boolean("ON")
