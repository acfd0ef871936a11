"""The queue API (contract queueup.md) over DRF: parse, authorise, call one command, shape the answer."""
