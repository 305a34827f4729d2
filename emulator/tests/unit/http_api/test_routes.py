from localstack_serverless.http_api.routes import Match, match


def test_trailing_slash_does_not_matter() -> None:
    assert match(["GET /pets"], "GET", "/pets/") == Match("GET /pets", {})


def test_parameter_does_not_span_segments() -> None:
    assert match(["GET /pets/{id}"], "GET", "/pets/a/b") is None


def test_parameter_name_may_hold_a_hyphen() -> None:
    found = match(["GET /pets/{pet-id}"], "GET", "/pets/7")
    assert found == Match("GET /pets/{pet-id}", {"pet-id": "7"})


def test_literal_is_not_an_expression() -> None:
    assert match(["GET /a.b"], "GET", "/axb") is None


def test_nothing_serves_an_unknown_path() -> None:
    assert match(["GET /pets"], "GET", "/cats") is None
