"""The IPA of many texts from an endpoint."""
