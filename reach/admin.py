"""The admin of reach: its models' pages lie beside what they are about."""

from reach.text_admin import ProviderAdmin as ProviderAdmin
