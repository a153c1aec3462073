"""What drf-spectacular can't see by itself: our names, our errors."""

import re
from inspect import cleandoc
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from noirel.core.api.problems import MEDIA_TYPE
from noirel.core.api.serializers import In, Out, TextIn


class Schema(AutoSchema):
    """`OrderOut` is the component `Order`; the app is the tag; ids come from method and path."""

    def get_tags(self) -> list[str]:
        parts = type(self.view).__module__.split(".")
        return [parts[1] if parts[0] == "noirel" else parts[0]]

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
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
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
    answer = {
        "description": "A problem",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"].setdefault("default", answer)
    return result
