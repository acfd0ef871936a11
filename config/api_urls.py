"""The operations on the OpenAPI page: those of Django's API, and those that are answered before it."""

from config.urls import api
from realtime import openapi

urlpatterns = [*api, *openapi.urlpatterns]
