"""Rules: which calls, messages and invocations a fault affects, and how.

LocalStack's Chaos API has the keys `region`, `service`, `operation`, `probability` and `error`. The
others are extensions of this plugin.
"""

from typing import Annotated, Any, Literal, NamedTuple

from botocore.exceptions import BotoCoreError
from localstack.aws.spec import load_service
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

HTTP_API_SERVICE, HTTP_API_OPERATION = "execute-api", "Invoke"
# AWS's limit for a message's delay and for a function's timeout
LONGEST_DELAY_SECONDS = 900


class Call(NamedTuple):
    """A call of AWS.

    :ivar resource: the name of the queue, table or function, the id of the HTTP API; "" where the
        call names none, or several
    """

    service: str
    operation: str
    region: str
    resource: str


class InvalidRuleError(Exception):
    """The input is not valid; the message names the field."""


class Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, alias_generator=to_camel
    )

    def as_given(self) -> dict[str, Any]:
        return self.model_dump(by_alias=True, exclude_unset=True)


class Effect(Model):
    """What happens to a call, a message or an invocation."""


class CallEffect(Effect):
    """Happens to calls."""


class Error(CallEffect):
    """The call fails and has no effect."""

    status_code: int = Field(default=503, ge=400, le=599)
    code: str = Field(default="ServiceUnavailable", min_length=1)


class LostResponse(CallEffect):
    """The call takes effect, but the caller's connection is closed without a response."""


class DeliveryEffect(Effect):
    """Happens to messages of SQS queues."""


class Duplicate(DeliveryEffect):
    """A message that was received is delivered a second time."""

    kind: Literal["duplicate"]
    delay_seconds: int = Field(default=0, ge=0, le=LONGEST_DELAY_SECONDS)


class OutOfOrder(DeliveryEffect):
    """A message becomes visible only a random time after it was sent."""

    kind: Literal["outOfOrder"]
    delay_seconds: int = Field(default=10, ge=1, le=LONGEST_DELAY_SECONDS)


class InvocationEffect(Effect):
    """Happens to invocations of functions. Actions that start with `aws:` are those of AWS FIS.

    https://docs.aws.amazon.com/fis/latest/userguide/fis-actions-reference.html
    """


class InvocationError(InvocationEffect):
    action: Literal["aws:lambda:invocation-error"]
    prevent_execution: bool = True


class InvocationDelay(InvocationEffect):
    action: Literal["aws:lambda:invocation-add-delay"]
    startup_delay_milliseconds: int = Field(ge=0, le=LONGEST_DELAY_SECONDS * 1000)


class ProcessEnd(InvocationEffect):
    """The function's process is killed during the invocation."""

    action: Literal["kill", "outOfMemory"]
    after_milliseconds: int = Field(default=0, ge=0, le=LONGEST_DELAY_SECONDS * 1000)


Name = Annotated[str, Field(min_length=1)]


class Rule(Model):
    region: Name | None = None
    service: Name | None = None
    operation: Name | None = None
    resource: Name | None = None
    probability: float = Field(default=1, ge=0, le=1)
    # how long the rule is in force
    seconds: float | None = Field(default=None, gt=0)
    error: Error | None = None
    lose_response: Literal[True] | None = None
    delivery: Annotated[Duplicate | OutOfOrder, Field(discriminator="kind")] | None = None
    invocation: (
        Annotated[InvocationError | InvocationDelay | ProcessEnd, Field(discriminator="action")]
        | None
    ) = None

    @property
    def effect(self) -> Effect:
        lost = LostResponse() if self.lose_response else None
        return self.delivery or self.invocation or lost or self.error or Error()

    def matches(self, call: Call) -> bool:
        return (
            self.service in (None, call.service)
            and self.operation in (None, call.operation)
            and self.region in (None, call.region)
            and self.resource in (None, call.resource)
        )

    @model_validator(mode="after")
    def _has_one_effect(self) -> "Rule":
        effects = (self.error, self.lose_response, self.delivery, self.invocation)
        if len(effects) - effects.count(None) > 1:
            raise ValueError("give one of error, loseResponse, delivery and invocation")
        for name, effect, service in (
            ("delivery", self.delivery, "sqs"),
            ("invocation", self.invocation, "lambda"),
        ):
            if effect and (self.operation or self.service not in (None, service)):
                raise ValueError(
                    f"a rule with {name} has no operation, and service {service!r} or none"
                )
        return self

    @field_validator("service")
    @classmethod
    def _exists(cls, service: str | None) -> str | None:
        if service is not None:
            _operations(service)
        return service

    @field_validator("operation")
    @classmethod
    def _is_of_the_service(cls, operation: str | None, fields: ValidationInfo) -> str | None:
        service = fields.data.get("service")
        if service and operation is not None and operation not in _operations(service):
            raise ValueError(f"service {service!r} has no operation {operation!r}")
        return operation


class Effects(Model):
    """What happens to all calls.

    :ivar latency: in milliseconds
    :ivar seconds: how long the effects are in force
    """

    latency: int = Field(default=0, ge=0, le=LONGEST_DELAY_SECONDS * 1000)
    seconds: float | None = Field(default=None, gt=0)


class Seed(Model):
    seed: int


class Killing(Model):
    function: str = Field(min_length=1)


def parse[M: Model](model: type[M], given: Any) -> M:
    """:raises InvalidRuleError:"""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InvalidRuleError(_problems(error)) from error


def parse_rules(given: Any) -> list[Rule]:
    """:raises InvalidRuleError:"""
    if not isinstance(given, list):
        raise InvalidRuleError('the body must be a list of rules, such as [{"service": "sqs"}]')
    rules = []
    for number, rule in enumerate(given):
        try:
            rules.append(parse(Rule, rule))
        except InvalidRuleError as error:
            raise InvalidRuleError(f"rule {number}: {error}") from error
    return rules


def _operations(service: str) -> list[str]:
    if service == HTTP_API_SERVICE:
        return [HTTP_API_OPERATION]
    try:
        return list(load_service(service).operation_names)
    except BotoCoreError as error:
        raise ValueError(f"there is no service {service!r}") from error


def _problems(error: ValidationError) -> str:
    """One line that names each problem with the path of its field."""
    return "; ".join(map(_problem, error.errors(include_url=False)))


def _problem(problem: Any) -> str:
    reason = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        reason = "there is no such field"
    field, *below = problem["loc"] or ("",)
    # for a union, pydantic's path contains the member's name after the field's
    if len(below) > 1:
        del below[0]
    path = ".".join(map(str, (field, *below)))
    return f"{path}: {reason}" if path else reason
