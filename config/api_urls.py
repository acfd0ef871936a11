"""The operations on the OpenAPI page: those of Django's API, and those that are answered before it."""

from config import openapi
from config.urls import api

urlpatterns = [*api, *openapi.urlpatterns]
