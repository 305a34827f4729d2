"""HTTP APIs: their routes, stages and permissions, and requests to them."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import requests

from .functions import Function
from .target import Target, unique_name


@dataclass(frozen=True)
class Api:
    """An HTTP API; `url` is that of its $default stage."""

    aws: Target
    id: str
    url: str

    def request(self, method: str, path: str = "/", **options: Any) -> requests.Response:
        return self.aws.request(method, self.url + path, **options)

    def get(self, path: str = "/", **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def wait_for(self, status: int, path: str = "/", method: str = "GET") -> requests.Response:
        """The first response with the status, as changes take effect a little later."""
        answers: list[requests.Response] = []

        def probe() -> bool:
            answers.append(self.request(method, path))
            return answers[-1].status_code == status

        self.aws.wait_until(probe)
        return answers[-1]

    def add_route(self, key: str, arn: str, **integration: Any) -> str:
        """Route the key to a function, version or alias; returns the integration's id."""
        v2 = self.aws.apigatewayv2
        created = v2.create_integration(
            ApiId=self.id,
            IntegrationType="AWS_PROXY",
            IntegrationUri=arn,
            PayloadFormatVersion="2.0",
            **integration,
        )
        identity = str(created["IntegrationId"])
        v2.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{identity}")
        return identity

    def add_stage(self, name: str = "$default", **settings: Any) -> None:
        v2 = self.aws.apigatewayv2
        v2.create_stage(ApiId=self.id, StageName=name, **{"AutoDeploy": True, **settings})
        if self.aws.is_aws:
            self.aws.wait_until(lambda: self._is_deployed(name))
            self.aws.wait_until(self._is_reachable)

    def _is_deployed(self, stage: str) -> bool:
        found = self.aws.apigatewayv2.get_stage(ApiId=self.id, StageName=stage)
        return "Successfully deployed" in found.get("LastDeploymentStatusMessage", "")

    def _is_reachable(self) -> bool:
        """Whether the API's host name resolves already."""
        try:
            self.get()
        except requests.ConnectionError:
            return False
        return True

    def source_arn(self, function: Function, path: str) -> str:
        """The SourceArn of the API's requests; path is stage/method/route."""
        region, account = function.arn.split(":")[3:5]
        return f"arn:aws:execute-api:{region}:{account}:{self.id}/{path}"

    def permit(self, function: Function, path: str = "*", **options: str) -> None:
        """Let the API invoke the function; the statement's id is the API's."""
        self.aws.lambda_.add_permission(
            FunctionName=function.name,
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=self.source_arn(function, path),
            **{"StatementId": self.id, **options},
        )

    def forbid(self, function: Function) -> None:
        self.aws.lambda_.remove_permission(FunctionName=function.name, StatementId=self.id)


@dataclass
class ApiFactory:
    """api_of({route key: function}, **settings of the stage): an HTTP API with one stage."""

    aws: Target
    cleanup: ExitStack

    def __call__(
        self,
        routes: Mapping[str, Function],
        cors: Mapping[str, Any] | None = None,
        stage: str = "$default",
        **settings: Any,
    ) -> Api:
        api = self.create(cors)
        for function in {function.arn: function for function in routes.values()}.values():
            api.permit(function)
        for key, function in routes.items():
            api.add_route(key, function.arn)
        api.add_stage(stage, **settings)
        return api

    def create(self, cors: Mapping[str, Any] | None = None) -> Api:
        """An API without routes, permissions and stages."""
        v2 = self.aws.apigatewayv2
        configuration = {"CorsConfiguration": cors} if cors else {}
        created = v2.create_api(Name=unique_name(), ProtocolType="HTTP", **configuration)
        self.cleanup.callback(v2.delete_api, ApiId=created["ApiId"])
        return Api(self.aws, created["ApiId"], created["ApiEndpoint"])
