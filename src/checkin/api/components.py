"""The schemas of what goes over the wire, taken from the Structs themselves: bounded, and each with an example.

Litestar's own lose the bounds of optional fields and `additionalProperties: false`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

Json = dict[str, Any]  # Any: JSON

REF: Final = "#/components/schemas/{name}"
LENGTHS: Final = {"uuid": 36, "date": 10, "date-time": 64}
"""The longest text of a format, in characters."""
LONGEST_TEXT: Final = 64 * 1024
"""Characters; what has no bound of its own still has that of a body."""
WIDEST: Final = 2**53 - 1
"""The largest whole number every JSON reader tells from its neighbours (RFC 8259, section 6)."""
INT32: Final = 2**31 - 1


def schemas(structs: Iterable[type[Struct]]) -> Json:
    """Return the schemas of *structs* and of all they hold, by name. Raises ValueError for one without an example."""
    _, found = msgspec.json.schema_components(structs, ref_template=REF)
    return {name: {**bounded(found[name]), "examples": [_example(found[name], found)]} for name in sorted(found)}


def bounded(schema: Json) -> Json:
    """Return *schema* with a length for every text in it, and a range and a width for every whole number."""
    parts: Json = {}
    if "properties" in schema:
        parts["properties"] = {name: bounded(part) for name, part in schema["properties"].items()}
    if "items" in schema:
        parts["items"] = bounded(schema["items"])
    match schema.get("type"):
        case "string" if "enum" not in schema:
            parts["maxLength"] = schema.get("maxLength", LENGTHS.get(schema.get("format", ""), LONGEST_TEXT))
        case "integer" if "enum" not in schema:
            parts |= _range(schema.get("minimum", -WIDEST), schema.get("maximum", WIDEST))
    return {**schema, **parts}


def _range(least: int, most: int) -> Json:
    width = "int32" if max(-least, most) <= INT32 else "int64"
    return {"minimum": least, "maximum": most, "format": width}


def _example(schema: Json, schemas: Mapping[str, Json]) -> Any:  # Any: JSON
    """Return an example made of the examples of a schema's parts; optional parts without one are left out."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "examples" in schema:
        return schema["examples"][0]
    if schema["type"] == "array":
        return [_example(schema["items"], schemas)]
    if schema["type"] == "object":
        needed = schema.get("required", [])
        parts = {name: part for name, part in schema["properties"].items() if name in needed or "examples" in part}
        return {name: _example(part, schemas) for name, part in parts.items()}
    raise ValueError(f"give this an example: {schema}")
