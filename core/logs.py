"""One shape for every log line: `key=value` for people, JSON for machines (LOG_FORMAT). Times are ISO 8601, UTC.

Nothing personal gets through, also from libraries (core/privacy.py).
"""

import logging
import sys
import threading
from types import TracebackType

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from core import environment as env
from core import privacy

# Extras of other libraries that may carry a URL with its query, headers, a task's arguments (law 8), or only colours.
UNWANTED = ("request", "data", "websocket", "color_message")


def _drop_unwanted(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    for name in UNWANTED:
        event.pop(name, None)
    return event


def _add_process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Which line of the Procfile speaks; set by devserver/run.py."""
    if name := env.text("PROCESS_NAME"):
        event["process"] = name
    return event


def _refusals_in_one_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Logs what Django refuses as suspicious (a thousand parameters, a foreign Host) without a traceback: it is no error of
    ours."""
    if event.get("logger", "").startswith("django.security."):
        event.pop("exc_info", None)
        event["level"] = "warning"
    return event


# Written by us or by the standard library: as they are.
_PLAIN = ("level", "logger", "process", "time", "timestamp")


def _private(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Exceptions as `privacy.summary` says them, texts scrubbed. A library's message may quote the exception it tells of."""
    exc_info = event.get("exc_info")
    problem: BaseException | None = exc_info[1] if isinstance(exc_info, tuple) else None
    for name, value in event.items():
        if name in _PLAIN or name == "exc_info":
            continue
        if isinstance(value, BaseException):
            event[name] = privacy.summary(value)
        elif isinstance(value, str):
            event[name] = privacy.scrubbed(privacy.unquoted(value, problem))
        elif not isinstance(value, int | float | bool | None):
            event[name] = privacy.scrubbed(str(value))
    if problem is not None and str(event.get("logger", "")).startswith("celery"):
        event["event"] = f"{str(event['event']).partition(': ')[0]}: {privacy.summary(problem)}"
    if str(event.get("logger", "")) == "asyncio":
        # Its messages show futures and handles with what they hold.
        event["event"] = str(event["event"]).partition("\n")[0].partition("(")[0]
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


def catch_uncaught() -> None:
    """What ends a process or a thread is logged like the rest; a shell shows its own mistakes to the person at it."""
    if "shell" in sys.argv[1:2]:
        return
    logger = logging.getLogger("uncaught")

    def in_thread(caught: threading.ExceptHookArgs) -> None:
        if caught.exc_value is not None and not isinstance(caught.exc_value, SystemExit):
            logger.error("a thread ended", exc_info=caught.exc_value)

    def in_process(kind: type[BaseException], problem: BaseException, frames: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            logger.critical("the process ends", exc_info=(kind, problem, frames))

    sys.excepthook = in_process
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = in_thread


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
                _private,
                structlog.processors.ExceptionRenderer(privacy.traceback_of),
                structlog.processors.JSONRenderer(default=str) if as_json else _KeyValue(),
            ],
        )
