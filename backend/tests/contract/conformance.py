"""Whether an answer is one that the OpenAPI document describes: its status, its media type and its body."""

import re
from functools import cache
from typing import Any, NamedTuple

import jsonschema_rs
from drf_spectacular.generators import SchemaGenerator

PREFIX = "/api/v1"
PARAMETER = re.compile(r"\\\{(\w+)\\\}")


class Operation(NamedTuple):
    path: str
    method: str
    responses: dict[str, Any]


class NotDescribed(AssertionError):
    """The shop gave an answer that its own document doesn't know."""


@cache
def document() -> dict[str, Any]:
    generator: Any = SchemaGenerator  # it has no types
    result: dict[str, Any] = generator().get_schema(request=None, public=True)
    return result


@cache
def _operations() -> tuple[dict[str, dict[str, Operation]], list[tuple[re.Pattern[str], dict[str, Operation]]]]:
    """By address: those without parameters, and those with, as patterns. A name in the path beats a parameter."""
    plain, patterns = {}, []
    for path, methods in sorted(document()["paths"].items(), key=lambda item: item[0].count("{")):
        operations = {
            method.upper(): Operation(path, method, operation["responses"])
            for method, operation in methods.items()
            if isinstance(operation, dict) and "responses" in operation
        }
        if "{" in path:
            patterns.append((re.compile(PARAMETER.sub("[^/]+", re.escape(path))), operations))
        else:
            plain[path] = operations
    return plain, patterns


def operation_of(method: str, path: str) -> Operation | None:
    """The operation that answers `method` at a path under /api/v1, or None where the document has none."""
    plain, patterns = _operations()
    if path in plain:
        return plain[path].get(method)
    for pattern, operations in patterns:
        if pattern.fullmatch(path):
            return operations.get(method)
    return None


def check(method: str, path: str, *, status: int, content_type: str, body: Any) -> None:
    """Raise NotDescribed unless the document describes this answer. body: a function that reads the JSON, or None.

    The document's `default` is for statuses that a client can't be told of beforehand; here it excuses nothing.
    """
    operation = operation_of(method, path.removeprefix(PREFIX))
    if operation is None:
        if status < 400:
            raise NotDescribed(f"{method} {path} answered {status}, and is not in the document.")
        return
    where = f"{method} {operation.path} ({path})"
    described = operation.responses.get(str(status))
    if described is None:
        raise NotDescribed(f"{where} answered {status}; described are {', '.join(operation.responses)}.")
    name = described.get("$ref", "")
    content = (document()["components"]["responses"][name.rpartition("/")[2]] if name else described).get("content", {})
    media_type = content_type.partition(";")[0].strip()
    if not content:
        if media_type and body is not None:
            raise NotDescribed(f"{where} answered {status} with {media_type}; described is no body.")
        return
    if media_type not in content:
        raise NotDescribed(f"{where} answered {status} as {media_type!r}; described are {', '.join(content)}.")
    if media_type.endswith("json") and body is not None:
        key = name or f"{operation.path} {operation.method} {status} {media_type}"
        validator = _validator(key, _Schema(content[media_type]["schema"]))
        if error := next(validator.iter_errors(body()), None):
            at = "/".join(map(str, error.instance_path))
            raise NotDescribed(f"{where} answered {status} with a body that is not as described: {error.message} at {at!r}.")


class _Schema:
    """A schema that `cache` can hold: it is the same for the same key."""

    def __init__(self, schema: Any) -> None:
        self.schema = schema

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Schema)

    def __hash__(self) -> int:
        return 0


@cache
def _validator(key: str, schema: _Schema) -> Any:
    whole = {**_as_json_schema(schema.schema), "components": _components()}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


@cache
def _components() -> Any:
    return {"schemas": _as_json_schema(document()["components"]["schemas"])}


def _as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0 writes `nullable`, JSON Schema a type more."""
    if isinstance(schema, list):
        return [_as_json_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _as_json_schema(value) for name, value in schema.items() if name != "nullable"}
    if schema.get("nullable") is True:
        return {"anyOf": [told, {"type": "null"}]}
    return told
