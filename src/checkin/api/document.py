"""The OpenAPI document as a file: the same bytes from the same code, on every machine."""

import json

from litestar.serialization import encode_json

from checkin.api import app
from checkin.config import Settings


def export() -> str:
    """Return the document as indented JSON; it depends on the code alone, not on any setting."""
    application = app.build(Settings(twilio_account_sid="AC0", token_secret="0" * 32))
    document = json.loads(encode_json(application.openapi_schema.to_schema()))
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
