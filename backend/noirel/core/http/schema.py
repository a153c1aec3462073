"""What drf-spectacular can't see by itself: our names, our errors."""

import re
from inspect import cleandoc
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import is_serializer
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from noirel.core.http.pagination import DEFAULT_LIMIT, MAX_LIMIT
from noirel.core.http.problems import MEDIA_TYPE
from noirel.core.http.serializers import In, MoneyIn, MoneyOut, Out, SignedMoneyIn, TextIn

_PROBLEM_CONTENT = {"content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
# The problems that operations name, by status: the component of each and its description.
_REFUSALS = {
    301: ("Moved", "It has moved. `Location` is its address now, `moved_to` its slug."),
    400: ("BadRequest", "The request is not valid: `errors` names each field."),
    401: ("Unauthorized", "Not signed in, or the access token is not valid any more."),
    403: ("Forbidden", "This account has not the permission."),
    404: ("NotFound", "Nothing of that name is there, or not for this caller."),
    406: ("NotAcceptable", "No representation of the media types in `Accept`."),
    409: ("Conflict", "The request doesn't fit the state of the shop; `code` says why."),
    411: ("LengthRequired", "The body has no Content-Length."),
    412: ("PreconditionFailed", "It has changed since it was read: `If-Match` is stale."),
    413: ("ContentTooLarge", "The body is too large."),
    415: ("UnsupportedMediaType", "The body is of another media type."),
    422: ("UnprocessableContent", "The request can't be processed, or its Idempotency-Key was used for another one."),
    429: ("TooManyRequests", "Too many requests; `Retry-After` says when to try again."),
    502: ("BadGateway", "A partner refused."),
    503: ("ServiceUnavailable", "A partner or the database can't be reached; `Retry-After` says when to try again."),
}
_PAGE_PARAMETERS: dict[str, dict[str, Any]] = {
    "limit": {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "cursor": {"type": "string", "description": "`next` of the page before."},
}
_IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER,
    description="The `ETag` that was read. If it has changed since, the answer is 412 and nothing is done.",
)  # fmt: skip
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", OpenApiTypes.STR, OpenApiParameter.HEADER,
    description="The `ETag` of an earlier answer. If it is still the same, the answer is 304 without a body.",
)  # fmt: skip


class Schema(AutoSchema):
    """Derives each operation from what its view declares.

    `OrderOut` is the component `Order`; the app is the tag; ids come from method and path. Who may call comes from
    `permission_for`, headers from `if_match`, `caching` and `@idempotent`, problems from all of these.
    """

    @property
    def _handler(self) -> Any:
        return getattr(type(self.view), self.method.lower())

    @property
    def _is_public_read(self) -> bool:
        return self.method == "GET" and getattr(self.view, "caching", "private") == "public"

    @property
    def _takes_if_match(self) -> bool:
        return self.method in getattr(self.view, "if_match", ())

    def get_tags(self) -> list[str]:
        parts = type(self.view).__module__.split(".")
        return [parts[1] if parts[0] == "noirel" else parts[0]]

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        # Not `inspect.getdoc`, which would give each operation the docstring of our base class.
        return cleandoc(self._handler.__doc__ or "") or cleandoc(vars(type(self.view)).get("__doc__") or "")

    def get_auth(self) -> list[dict[str, Any]]:
        bearer: list[dict[str, Any]] = super().get_auth()
        permission_for = getattr(self.view, "permission_for", None)
        is_optional = permission_for is None or permission_for(self.method) is None
        return [{}, *bearer] if bearer and is_optional else bearer

    def get_override_parameters(self) -> list[Any]:
        conditions = [_IF_MATCH] if self._takes_if_match else [_IF_NONE_MATCH] if self._is_public_read else []
        return [*super().get_override_parameters(), *conditions]

    def _get_parameters(self) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._get_parameters()
        for parameter in parameters:
            if parameter["in"] == "query" and parameter["name"] in _PAGE_PARAMETERS:
                schema = dict(_PAGE_PARAMETERS[parameter["name"]])
                if description := schema.pop("description", ""):
                    parameter.setdefault("description", description)
                parameter["schema"] = schema
            elif parameter["in"] == "path" and parameter["schema"].get("type") == "integer":
                parameter["schema"].setdefault("minimum", 0)
        return parameters

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        given = self.get_response_serializers()
        if self.method == "DELETE" and is_serializer(given):  # drf-spectacular takes every DELETE for one without a body
            responses: dict[str, Any] = {"200": self._get_response_for_code(given, "200", direction=direction)}  # type: ignore[no-untyped-call]
        else:
            responses = super()._get_response_bodies(direction)
        if self._is_public_read:
            responses.setdefault("304", {"description": "It is still what `If-None-Match` names."})
        for status in sorted(self._refusals()):
            responses.setdefault(str(status), {"$ref": f"#/components/responses/{_REFUSALS[status][0]}"})
        return dict(sorted(responses.items()))

    def _refusals(self) -> set[int]:
        view, handler = self.view, self._handler
        needed = view.permission_for(self.method) if hasattr(view, "permission_for") else None
        found = {400, 406, 503, *getattr(view, "refusals", ())}
        if view.get_authenticators():
            found.add(401)
        if needed is not None and needed != "signed_in":
            found.add(403)
        if "{" in self.path:
            found.add(404)
        if self.method != "GET":
            found |= {409, 411, 413, 415}
        if self._takes_if_match:
            found.add(412)
        if hasattr(handler, "idempotency_key_required"):
            found.add(422)
        if getattr(view, "throttle_scope", None) and self.method != "GET":
            found.add(429)
        return found

    def _map_serializer_field(self, field: Any, direction: Any, bypass_extensions: bool = False) -> Any:
        schema: Any = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        is_text = schema and schema.get("type") == "string" and "enum" not in schema
        if is_text and direction == "request" and isinstance(field, serializers.CharField) and not field.allow_blank:
            schema.setdefault("minLength", 1)
        return schema

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema: Any = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, In) or (isinstance(serializer, type) and issubclass(serializer, In)):
            schema["additionalProperties"] = False
        return schema

    def get_operation_id(self) -> str:
        # `get_products_by_slug`: unlike the default, a list and its item never share a name.
        path = self.path.removeprefix("/api/v1/").replace("{", "by_").replace("}", "")
        return re.sub(r"[^a-z0-9]+", "_", f"{self.method.lower()}_{path.lower()}").strip("_")

    def _get_request_body(self, direction: str = "request") -> Any:
        # drf-spectacular knows no DELETE with a body, though HTTP does.
        takes_body = self.method == "DELETE" and getattr(self.view, "takes_body_on_delete", False)
        if takes_body:
            self.method = "POST"
        body: Any = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        if takes_body:
            self.method = "DELETE"
        return body

    def _get_serializer_name(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> str:
        name = str(super()._get_serializer_name(serializer, direction, bypass_extensions))
        explicit = "component_name" in getattr(serializer, "_spectacular_annotation", {})
        return name if explicit else name.removesuffix("Out")


class MoneyFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "noirel.core.http.serializers.MoneyField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Any) -> Any:
        incoming = SignedMoneyIn if self.target.allow_negative else MoneyIn
        shape = incoming if direction == "request" else MoneyOut
        return auto_schema.resolve_serializer(shape, direction).ref


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "noirel.accounts.api.authentication.BearerAuthentication"
    name = "bearer"
    priority = 1

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


def drop_inherited_descriptions(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """The docstrings of In and Out are for us: a component that has none of its own inherits them."""
    inherited = {cleandoc(each.__doc__ or "") for each in (In, Out, TextIn)}
    for component in result["components"]["schemas"].values():
        if component.get("description") in inherited:
            del component["description"]
    return result


def add_problems(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Every operation can refuse, and does it in one shape."""
    result.setdefault("components", {})["responses"] = {
        name: {"description": description, **_PROBLEM_CONTENT} for name, description in _REFUSALS.values()
    }
    schemas = result["components"].setdefault("schemas", {})
    text, number = {"type": "string"}, {"type": "integer"}
    schemas["FieldError"] = {
        "type": "object",
        "properties": {"field": text, "code": text, "message": text},
        "required": ["field", "code", "message"],
    }
    schemas["Problem"] = {
        "type": "object",
        "description": "RFC 9457. `code` is stable and for machines; some problems carry more members (`lines`).",
        "properties": {
            "type": text,
            "title": text,
            "status": number,
            "detail": text,
            "code": text,
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldError"}},
            "request_id": text,
        },
        "required": ["type", "title", "status", "detail", "code"],
        "additionalProperties": True,
    }
    answer = {"description": "A problem", **_PROBLEM_CONTENT}
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", answer)
    return result
