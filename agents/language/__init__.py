"""Language models behind one contract: whole rounds of requests in, answers out, in order.

Importing this package is cheap: torch, transformers, vLLM and the HTTP client are imported by the backend
that needs them, when it is entered.
"""
