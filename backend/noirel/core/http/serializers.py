"""Base serializers and fields: `…In` validates input, `…Out` describes output for the schema."""

import threading
from collections.abc import Mapping
from typing import Any, ClassVar, Self, cast

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from noirel.core.domain.money import Money, is_legal_tender
from noirel.core.http.strict import type_errors
from noirel.core.text import plain_text

MAX_AMOUNT = 2**53 - 1  # the largest integer that every JSON parser represents exactly


class _Instances(threading.local):
    def __init__(self) -> None:
        self.by_class: dict[type[serializers.BaseSerializer[Any]], serializers.BaseSerializer[Any]] = {}


_instances = _Instances()


class In(serializers.Serializer[Any]):
    """Input. A field we don't know is an error: a misspelt `quantiy` must not buy one. So is a value of another type."""

    is_text: ClassVar[bool] = False

    def to_internal_value(self, data: Any) -> Any:
        refused: dict[str, Any] = {}
        if isinstance(data, Mapping):
            writable = {name for name, field in self.fields.items() if not field.read_only}
            refused = {
                str(name): [ErrorDetail("There is no such field.", code="unknown_field")]
                for name in data
                if name not in writable
            } | type_errors(self.fields.items(), data, is_text=self.is_text)
        try:
            value = super().to_internal_value(data)
        except serializers.ValidationError as error:
            if refused and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **refused}) from None
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return value

    @classmethod
    def checked(cls, data: Any, *, partial: bool = False, context: dict[str, Any] | None = None) -> dict[str, Any]:
        """The validated fields as keyword arguments. Raises DRF's ValidationError, which becomes a 400 problem."""
        if partial or context:
            serializer = cls(data=data, partial=partial, context=context or {})
            serializer.is_valid(raise_exception=True)
            return dict(serializer.validated_data)
        return dict(cls._instance().run_validation(data))

    @classmethod
    def _instance(cls) -> Self:
        """This thread's instance. DRF copies every field for a new instance, which costs more than validating the data."""
        if cls not in _instances.by_class:
            _instances.by_class[cls] = cls(data={})
        return cast(Self, _instances.by_class[cls])


class TextIn(In):
    """Input whose values all arrive as text: the parameters of a query, the fields of a multipart form."""

    is_text = True


class TextField(serializers.CharField):
    """Text that people type and that is printed, mailed or shown to others: taken without what can't be seen in it.

    Control characters, directional overrides and zero-width marks come along with what is pasted, and can make a text look like
    another one. A text of nothing else is blank.
    """

    def __init__(self, *, multiline: bool = False, **options: Any) -> None:
        self.multiline = multiline
        super().__init__(**options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return super().run_validation(plain_text(data, multiline=self.multiline) if isinstance(data, str) else data)


class NothingIn(In):
    """An empty body."""


class Out(serializers.Serializer[Any]):
    """Output, for the schema: views hand out plain dicts of this shape. `OrderOut` is called `Order` in the schema."""


@extend_schema_serializer(component_name="Money")
class MoneyOut(Out):
    amount = serializers.IntegerField(help_text="In the currency's minor unit (ISO 4217).")
    currency = serializers.RegexField(r"^[A-Z]{3}$")


class SignedMoneyIn(In):
    """For the schema: MoneyField checks it."""

    amount = serializers.IntegerField(
        min_value=-MAX_AMOUNT, max_value=MAX_AMOUNT, help_text="In the currency's minor unit (ISO 4217)."
    )
    currency = serializers.RegexField(r"^[A-Z]{3}$")


class MoneyIn(SignedMoneyIn):
    """For the schema: MoneyField checks it."""

    amount = serializers.IntegerField(min_value=0, max_value=MAX_AMOUNT, help_text="In the currency's minor unit (ISO 4217).")


class MoneyField(serializers.Field[Money, Any, dict[str, Any], Any]):
    """`{"amount": 1250000, "currency": "INR"}` and Money, both ways. Negative amounts only if asked for."""

    default_error_messages = {
        "invalid": 'Money is {{"amount": <integer in the minor unit>, "currency": "INR"}}.',
        "negative": "The amount can't be negative.",
    }

    def __init__(self, *, allow_negative: bool = False, **options: Any) -> None:
        self.allow_negative = allow_negative
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Money:
        if not isinstance(data, Mapping) or set(data) != {"amount", "currency"}:
            self.fail("invalid")
        amount, currency = data["amount"], data["currency"]
        if isinstance(amount, bool) or not isinstance(amount, int) or abs(amount) > MAX_AMOUNT:
            self.fail("invalid")
        if not isinstance(currency, str) or not is_legal_tender(currency):
            self.fail("invalid")
        if amount < 0 and not self.allow_negative:
            self.fail("negative")
        return Money(amount, currency)

    def to_representation(self, value: Money) -> dict[str, Any]:
        return value.json()


class FieldErrorOut(Out):
    field = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()


class ProblemOut(Out):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(help_text="Stable, for machines.")
    errors = FieldErrorOut(many=True, required=False)  # type: ignore[assignment]  # a name of DRF's own
    request_id = serializers.CharField(required=False)


def page_of(item: type[serializers.BaseSerializer[Any]]) -> type[Out]:
    """The schema of a list of these: `responses=page_of(OrderCardOut)`."""
    name = item.__name__.removesuffix("Out")
    if name not in _pages:
        fields = {
            "results": item(many=True),
            "next": serializers.CharField(allow_null=True),
            "total": serializers.IntegerField(),
        }
        _pages[name] = type(f"{name}PageOut", (Out,), fields)
    return _pages[name]


_pages: dict[str, type[Out]] = {}
