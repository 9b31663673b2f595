"""Clients generated from the OpenAPI document, played against a real server by `make openapi-clients`."""
