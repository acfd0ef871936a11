"""What stands between a client and the program on a bad evening."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

# Headers of one connection, which are not passed on.
OF_CONNECTION = {"connection", "content-length", "transfer-encoding", "content-encoding", "date", "server", "host"}


class Front:
    """`plan` says what becomes of the next requests: "busy" (503 with Retry-After: 7), "bare" (503 without), "lost" (asked, never
    answered), "gateway" (asked, then 504). Others are passed on. `seen` has the headers of all.
    """

    def __init__(self, behind: str) -> None:
        self.plan: list[str] = []
        self.seen: list[dict[str, str]] = []
        self.statuses: list[int] = []
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _take(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                front.seen.append({name.lower(): value for name, value in self.headers.items()})
                how = front.plan.pop(0) if front.plan else "pass"
                if how in {"busy", "bare"}:
                    return self._answer(503, {"Retry-After": "7"} if how == "busy" else {}, b'{"error": "Busy."}')
                sent = {name: value for name, value in front.seen[-1].items() if name not in OF_CONNECTION}
                answer = httpx.request(self.command, behind + self.path, content=body, headers=sent)
                front.statuses.append(answer.status_code)
                if how == "lost":
                    self.close_connection = True
                    return None
                if how == "gateway":
                    return self._answer(504, {}, b"<h1>Gateway Timeout</h1>")
                kept = {name: value for name, value in answer.headers.items() if name.lower() not in OF_CONNECTION}
                return self._answer(answer.status_code, kept, answer.content)

            def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = _take

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
