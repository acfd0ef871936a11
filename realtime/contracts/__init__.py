"""Older socket protocols as thin translations."""
