import pytest

from localstack_serverless.http_api.addresses import find_api, find_stage

from ..builders import ApiMaker


@pytest.mark.parametrize(
    ("target", "host", "path"),
    [
        ("/_aws/execute-api/{id}/pets?a=/b", "localhost:4566", "/pets"),
        ("/_aws/execute-api/{id}", "localhost:4566", "/"),
        ("/pets?a=1", "{id}.execute-api.us-east-1.amazonaws.com", "/pets"),
    ],
)
def test_api_is_found_by_path_and_by_host(
    make_api: ApiMaker, target: str, host: str, path: str
) -> None:
    api = make_api()
    assert find_api(target.format(id=api.api_id), host.format(id=api.api_id)) == (api, path)


@pytest.mark.parametrize(
    ("target", "host"),
    [
        ("/", "localhost:4566"),
        ("/_aws/execute-api/none/pets", "localhost:4566"),
        ("/_aws/execute-api/", "localhost:4566"),
        ("/pets", "none.execute-api.localhost"),
    ],
)
def test_other_requests_are_to_no_api(target: str, host: str) -> None:
    assert find_api(target, host) is None


def test_first_segment_names_the_stage_if_there_is_one(make_api: ApiMaker) -> None:
    api = make_api()
    api.backend.create_stage(api.api_id, {"stageName": "dev"})
    assert find_stage(api, "/dev/pets") == (api.stages["dev"], "/pets")
    assert find_stage(api, "/devs/pets") == (api.stages["$default"], "/devs/pets")
