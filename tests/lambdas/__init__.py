import pytest

# Its assertions show values too, as those of test modules do.
pytest.register_assert_rewrite("tests.lambdas.api.client")
