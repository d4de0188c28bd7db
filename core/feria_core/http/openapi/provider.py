"""quart-schema's provider, with shapes that keep apart, every problem of a route, and the headers of its answers."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from quart import Quart
from quart_schema import OpenAPIProvider, QuartSchema
from quart_schema.validation import QUART_SCHEMA_REQUEST_ATTRIBUTE, QUART_SCHEMA_RESPONSE_ATTRIBUTE

from feria_core.http.blueprint import Endpoint, endpoint_of
from feria_core.http.openapi import headers, problems
from feria_core.http.openapi.reach import Reader
from feria_core.http.openapi.shapes import PROBLEM, Shapes

JSON = "application/json"


class Provider(OpenAPIProvider):
    """Describes each route by its declaration and by what its handler reaches."""

    def __init__(self, app: Quart, extension: QuartSchema) -> None:
        super().__init__(app, extension)
        self._reader = Reader()
        self.shapes = Shapes(self._models())

    def build_paths(self, rule: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        paths, _ = super().build_paths(rule)
        view = self._app.view_functions[rule.endpoint]
        spec = endpoint_of(view)
        for path in paths.values():
            for method, operation in path.items():
                self._complete(operation, view, spec, tag=_tag_of(view))
                operation["operationId"] = _operation_id(method, rule, view)
        return paths, {}

    def build_querystring_parameters(self, model: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        described = self.shapes.members_of(model)
        needed = set(described.get("required", ()))
        parameters = []
        for name, member in described.get("properties", {}).items():
            schema = {key: value for key, value in member.items() if key != "description"}
            entry = {"name": name, "in": "query", "required": name in needed, "schema": schema}
            if "description" in member:
                entry["description"] = member["description"]
            parameters.append(entry)
        return parameters, {}

    def build_request_body(self, model: Any, source: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        del source
        return {"content": {JSON: {"schema": self.shapes.ref(model, "validation")}}, "required": True}, {}

    def build_response_object(self, model: Any, headers_model: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        del headers_model
        return {"description": "", "content": {JSON: {"schema": self.shapes.ref(model, "serialization")}}}, {}

    def operation_id(self, method: str, path: str, func: Any) -> str | None:
        del method, path
        return str(func.__name__)

    def _models(self) -> Iterator[tuple[Any, str]]:
        for rule in self.generate_rules():
            view = self._app.view_functions[rule.endpoint]
            spec = endpoint_of(view)
            if spec is not None and spec.query is not None:
                yield spec.query, "validation"
            sent = getattr(view, QUART_SCHEMA_REQUEST_ATTRIBUTE, None)
            if sent is not None:
                yield sent[0], "validation"
            for model, _ in getattr(view, QUART_SCHEMA_RESPONSE_ATTRIBUTE, {}).values():
                yield model, "serialization"

    def _complete(self, operation: dict[str, Any], view: Any, spec: Endpoint | None, *, tag: str) -> None:
        found = self._reader.reach(view)
        operation["tags"] = [tag]
        operation["description"] = operation["description"].strip() or operation["summary"]
        operation["parameters"] = [*operation["parameters"], *headers.asked(spec, found)]
        if spec is not None and spec.optional_body:
            operation["requestBody"]["required"] = False
        if spec is not None and spec.raw_body and "requestBody" not in operation:
            operation["requestBody"] = {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
        operation["security"] = _security(spec)
        if spec is not None and spec.access.permission:
            operation["x-permission"] = spec.access.permission
        if spec is not None and spec.access.alternatives:
            operation["x-permission-or"] = list(spec.access.alternatives)
        operation["responses"] = self._answers(operation["responses"], spec, found)

    def _answers(self, described: dict[Any, Any], spec: Endpoint | None, found: Any) -> dict[str, Any]:
        status = spec.status if spec is not None else 200
        answers = {str(each): answer for each, answer in described.items()}
        done = answers.setdefault(str(status), {"description": ""})
        if spec is not None and spec.media_types:
            kinds = {kind: {"schema": {"type": "object" if "json" in kind else "string"}} for kind in spec.media_types}
            done["content"] = {**done.get("content", {}), **kinds}
        for answer in answers.values():
            answer["description"] = HTTPStatus(status).phrase if not answer["description"] else answer["description"]
        done["headers"] = headers.sent(spec, found)
        answers.update(headers.without_body(spec, found))
        answers.update(problems.answers_of(spec, found, ref={"$ref": f"#/components/schemas/{PROBLEM}"}))
        return dict(sorted(answers.items()))


def _tag_of(view: Any) -> str:
    """Return the module that the route belongs to."""
    return str(view.__module__).partition(".")[0].removeprefix("feria_")


def _operation_id(method: str, rule: Any, view: Any) -> str:
    """Return the handler's name; a handler of several routes or methods adds what tells them apart."""
    name = str(view.__name__)
    own = rule.endpoint.rpartition(".")[2]
    several = len(set(rule.methods or ()) - {"HEAD", "OPTIONS"}) > 1
    return f"{own if own != name else name}_{method}" if several else own


def _security(spec: Endpoint | None) -> list[dict[str, list[str]]]:
    """Return who may call: nobody's credential is needed where `{}` is among them."""
    if spec is None or spec.access.kind == "public":
        return [{}, {"bearer": []}]
    return [{"bearer": []}, {"apiKey": []}] if spec.access.kind == "staff" else [{"bearer": []}]
