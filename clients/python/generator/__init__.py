"""Makes the client's models and operations of the OpenAPI document (decision 0087)."""
