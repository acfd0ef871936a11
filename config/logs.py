"""One shape for every log line: `key=value` for people, JSON for machines (LOG_FORMAT). Times are ISO 8601, UTC."""

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from config import environment as env

# Extras of other libraries that may carry a URL with its query, headers, a task's arguments (law 8), or only colours.
UNWANTED = ("request", "data", "websocket", "color_message")


def _drop_unwanted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in UNWANTED:
        event.pop(name, None)
    return event


def _add_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Which line of the Procfile speaks; set by config/run.py."""
    if name := env.text("PROCESS_NAME"):
        event["process"] = name
    return event


def _refusals_in_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """What Django calls suspicious (a thousand parameters, a foreign Host) was refused: no error of ours, and no traceback."""
    if event.get("logger", "").startswith("django.security."):
        event.pop("exc_info", None)
        event["level"] = "warning"
    return event


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    _refusals_in_one_line,
    _drop_unwanted,
    _add_process,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
]

# structlog.get_logger() hands its events to the standard library's loggers, so both end in the formatter below.
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *SHARED,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)


class _KeyValue:
    """`key=value` pairs in a line, a traceback on the lines after it."""

    def __init__(self) -> None:
        self._render = structlog.processors.LogfmtRenderer(
            key_order=["time", "level", "process", "logger", "event"], drop_missing=True, bool_as_flag=False
        )

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        traceback = event.pop("exception", None)
        line = self._render(logger, method, {key.replace(" ", "_"): value for key, value in event.items()})
        return f"{line}\n{traceback}" if traceback else line


class Formatter(structlog.stdlib.ProcessorFormatter):
    """The formatter of settings.LOGGING, for structlog's events and for plain records alike."""

    def __init__(self) -> None:
        as_json = env.text("LOG_FORMAT", "text") == "json"
        super().__init__(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(default=str) if as_json else _KeyValue(),
            ],
        )
