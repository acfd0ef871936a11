"""Requests for test_raw_requests.py: by what is odd about each, its method, what follows the path, body and head."""
# ruff: noqa: E501 — a table: one request a line.

import gzip
from typing import Any

# Method, what follows the path, body, and the head after the path.
Request = tuple[str, str, bytes, str]
TOKEN = "0123456789abcdefghijABCDEFGHIJ01"
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# What Python knows as a codec and what is none; some of them are no encodings of text, some decode nothing.
CHARSETS = ("nonsense", "utf-16", "utf-7", "rot13", "base64", "hex", "zip", "idna", "punycode", "undefined", "unicode_escape",
            "raw_unicode_escape", "mbcs", "x" * 300, "\xff", "", '"utf-8', "utf-8\x01")  # fmt: skip


def request(
    method: str = "GET",
    query: str = "",
    body: bytes = b"",
    *,
    kind: str = "",
    version: str = "HTTP/1.1",
    suffix: str = "",
    **headers: str,
) -> Request:
    """Method, what follows the path, body, and header fields with the version before them."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    # With a valid CSRF token, so that forms read what is sent.
    proven = {"Cookie": f"csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
    sent = {"Host": "localhost", "Connection": "close", **proven, **more}
    if kind:
        sent["Content-Type"] = kind
    if body and "Transfer-Encoding" not in sent:
        sent.setdefault("Content-Length", str(len(body)))
    fields = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value != "-")
    return method, f"{suffix}{'?' if query else ''}{query}", body, f"{version}\r\n{fields}"


def multipart(body: bytes, kind: str = "multipart/form-data; boundary=x") -> Request:
    return request("POST", body=body, kind=kind)


def part(content: bytes = b"v", *, name: str = "name", more: str = "") -> bytes:
    return b'--x\r\nContent-Disposition: form-data; name="%b"%b\r\n\r\n%b\r\n' % (
        name.encode(),
        more.encode("latin-1"),
        content,
    )


MANY: dict[str, Any] = {f"X_{n}": "y" for n in range(500)}
NESTED = b"[" * 7_000 + b"]" * 7_000
HOSTILE: dict[str, Request] = {
    # ------------------------------------------------------------------------------------------------- queries, paths
    "1,000 parameters": request(query="&".join(f"a{n}=" for n in range(1_000))),
    "2,000 parameters": request(query="a&" * 2_000),
    "2,000 parameters, HEAD": request("HEAD", query="a=1&" * 2_000),
    "2,000 parameters, POST": request("POST", query="a=1&" * 2_000, body=b"{}", kind=JSON),
    "2,000 parameters, PUT": request("PUT", query="a=1&" * 2_000, body=b"{}", kind=JSON),
    "2,000 parameters, DELETE": request("DELETE", query="a=1&" * 2_000),
    "20,000 letters": request(query="a=" + "x" * 20_000),
    "broken escapes": request(query="a=%ff&b=%&c=%u1234&%00=%00&partyId=%ed%a0%80&since=%ff&code=%00"),
    "NUL": request(query="partyId=%00&code=%00&format=%00&cache=%00&next=%00&q=%00"),
    "surrogates": request(query="partyId=%ed%a0%80&code=%ed%a0%80&format=%ed%a0%80&q=%ed%a0%80"),
    "digits": request(query="since=" + "9" * 5_000 + "&points=" + "9" * 5_000 + "&page=" + "9" * 5_000),
    "no digits": request(query="since=%D9%A1&points=-1&page=-1&p=%C2%B2"),
    "a path that is not UTF-8": request(suffix="/%ff%fe"),
    "a path with NUL": request(suffix="%00"),
    "a path with a slash in it": request(suffix="%2f..%2f"),
    "a path of surrogates": request(suffix="/%ed%a0%80"),
    "a long path": request(suffix="/x" * 3_000),
    "a line break": request(suffix="%0d%0aX: y"),
    # --------------------------------------------------------------------------------------------------------- bodies
    "2,000 fields": request("POST", body=b"a=1&" * 2_000, kind=FORM),
    "no fields": request("POST", kind=FORM),
    "fields that are not UTF-8": request("POST", body=b"name=\xff\xfe&size=%ff&code=%00", kind=FORM),
    "fields with NUL": request("POST", body=b"name=%00&username=%00&password=%00&title=%00&size=%00&code=%00", kind=FORM),
    "fields of surrogates": request("POST", body=b"name=%ed%a0%80&username=%ed%a0%80&title=%ed%a0%80", kind=FORM),
    "fields that are long": request("POST", body=b"name=" + b"x" * 15_000 + b"&username=" + b"x" * 400, kind=FORM),
    "fields of digits": request("POST", body=b"size=" + b"9" * 5_000 + b"&party_size=" + b"9" * 5_000, kind=FORM),
    "JSON called a form": request("POST", body=b'{"a": 1}', kind=FORM),
    "a form called JSON": request("POST", body=b"a=1", kind=JSON),
    "no boundary": multipart(part(), "multipart/form-data"),
    "an empty boundary": multipart(part(), "multipart/form-data; boundary="),
    "a boundary of letters that are none": multipart(part(), "multipart/form-data; boundary=\xff"),
    "a long boundary": multipart(part(), "multipart/form-data; boundary=" + "x" * 300),
    "no end": multipart(part()),
    "no parts": multipart(b""),
    "not one part": multipart(b"x" * 100),
    "2,000 parts": multipart(part() * 1_500 + b"--x--\r\n")[:2] + (part() * 100, multipart(part())[3].replace("Content-Length: " + str(len(part())), f"Content-Length: {len(part()) * 100}")),
    "200 files": multipart(part(more='; filename="f"') * 200 + b"--x--\r\n"),
    "a part in base64 that is none": multipart(part().replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!", 1) + b"--x--\r\n"),
    "a part in nonsense": multipart(part(more="\r\nContent-Type: text/plain; charset=nonsense") + b"--x--\r\n"),
    "a file name of NUL": multipart(part(more='; filename="\x00"') + b"--x--\r\n"),
    "a file name that is a path": multipart(part(more='; filename="../../x"') + b"--x--\r\n"),
    "deep JSON": request("POST", body=NESTED, kind=JSON),
    "deep JSON objects": request("POST", body=b'{"a":' * 2_000 + b"1" + b"}" * 2_000, kind=JSON),
    "a list": request("POST", body=b"[]", kind=JSON),
    "null": request("POST", body=b"null", kind=JSON),
    "a number": request("POST", body=b"1", kind=JSON),
    "NaN": request("POST", body=b'{"size": NaN, "maxGuests": Infinity}', kind=JSON),
    "huge numbers": request("POST", body=b'{"size": 1e999, "maxGuests": %b, "start": -1e308}' % (b"9" * 4_000), kind=JSON),
    "NUL in JSON": request("POST", body=rb'{"name": "\u0000", "eventName": "\u0000", "title": "\u0000", "id": "\u0000", "partyId": "\u0000", "question": "\u0000"}', kind=JSON),
    "half a letter": request("POST", body=rb'{"name": "\ud800", "eventName": "\ud800", "title": "\udfff", "id": "\ud800", "partyId": "\ud800", "ballotId": "\ud800"}', kind=JSON),
    "JSON in UTF-16": request("POST", body='{"name": "a"}'.encode("utf-16"), kind=JSON),
    "JSON with a mark before it": request("POST", body=b"\xef\xbb\xbf{}", kind=JSON),
    "JSON that is not UTF-8": request("POST", body=b'{"name": "\xff"}', kind=JSON),
    "compressed": request("POST", body=gzip.compress(b"{}"), kind=JSON, Content_Encoding="gzip"),
    "called compressed": request("POST", body=b"{}", kind=JSON, Content_Encoding="gzip"),
    "too long": request("POST", body=b"x" * 3_000_000, kind=JSON),
    "a body where none belongs": request("GET", body=b"{}", kind=JSON),
    "a body with DELETE": request("DELETE", body=b"{}", kind=JSON),
    "a body with HEAD": request("HEAD", body=b"{}", kind=JSON),
    **{f"charset {charset[:20]!r}": request("POST", body=b"name=%61&a=\xff", kind=f"{FORM}; charset={charset}") for charset in CHARSETS},
    **{f"JSON, charset {charset[:20]!r}": request("POST", body=b'{"name": "a"}', kind=f"{JSON}; charset={charset}") for charset in CHARSETS},
    **{f"part, charset {charset[:20]!r}": multipart(part() + b"--x--\r\n", f"multipart/form-data; boundary=x; charset={charset}") for charset in CHARSETS},
    "a type of nothing": request("POST", body=b"{}", kind="/"),
    "a type of semicolons": request("POST", body=b"{}", kind=";" * 1_000),
    "a long type": request("POST", body=b"{}", kind="a/" + "b" * 5_000),
    # ------------------------------------------------------------------------------------------------ lengths, framing
    "no such length": request("POST", body=b"{}", Content_Length="abc"),
    "a negative length": request("POST", body=b"{}", Content_Length="-1"),
    "a signed length": request("POST", body=b"{}", Content_Length="+2"),
    "two lengths": request("POST", body=b"{}", Content_Length="2, 2"),
    "a length beyond all": request("POST", body=b"{}", Content_Length="9" * 30),
    "a length of digits that are none": request("POST", body=b"{}", Content_Length="\xb2"),
    "chunks": request("POST", body=b"2\r\n{}\r\n0\r\n\r\n", kind=JSON, Transfer_Encoding="chunked"),
    "chunks with more after them": request("POST", body=b"2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n", kind=JSON, Transfer_Encoding="chunked"),
    "chunks that are none": request("POST", body=b"zz\r\n{}\r\n", kind=JSON, Transfer_Encoding="chunked"),
    "a chunk beyond all": request("POST", body=b"f" * 20 + b"\r\n{}\r\n", kind=JSON, Transfer_Encoding="chunked"),
    "chunks and a length": request("POST", body=b"2\r\n{}\r\n0\r\n\r\n", Transfer_Encoding="chunked", Content_Length="2"),
    "an encoding of none": request("POST", body=b"{}", Transfer_Encoding="gzip", Content_Length="2"),
    "to be continued": request("POST", body=b"{}", kind=JSON, Expect="100-continue"),
    "to be continued somehow": request("POST", body=b"{}", kind=JSON, Expect="nonsense"),
    # ------------------------------------------------------------------------------------------------ methods, versions
    **{method: request(method) for method in ("TRACE", "PROPFIND", "FOO", "get", "PATCH", "OPTIONS", "PURGE", "M-SEARCH", "QUERY", "\xff")},
    "CONNECT": request("CONNECT"),
    "HTTP/1.0": request(version="HTTP/1.0"),
    "HTTP/1.0 without Host": request(version="HTTP/1.0", Host="-"),
    "HTTP/2.0": request(version="HTTP/2.0"),
    "HTTP/9.9": request(version="HTTP/9.9"),
    "no version": request(version=""),
    "no Host": request(Host="-"),
    "Upgrade: websocket": request(Upgrade="websocket", Connection="Upgrade"),
    "Upgrade: websocket, with a body": request("POST", body=b"{}", kind=JSON, Upgrade="websocket", Connection="Upgrade"),
    "Upgrade: websocket, a body of chunks": request("POST", body=b"2\r\n{}\r\n0\r\n\r\n", Transfer_Encoding="chunked", Upgrade="websocket", Connection="Upgrade"),
    "Upgrade: websocket, GET with a body": request("GET", body=b"{}", Upgrade="websocket", Connection="Upgrade"),
    "Upgrade: websocket, another version": request(Upgrade="websocket", Connection="Upgrade", Sec_WebSocket_Version="7", Sec_WebSocket_Key="x"),
    "Upgrade: websocket, a wrong key": request(Upgrade="websocket", Connection="Upgrade", Sec_WebSocket_Version="13", Sec_WebSocket_Key="\xff"),
    "Upgrade: websocket, to be refused": request(Upgrade="websocket", Connection="Upgrade", Sec_WebSocket_Version="13", Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ=="),
    "Upgrade: websocket, many fields": request("GET", "", b"", **MANY, Upgrade="websocket", Connection="Upgrade"),
    "Upgrade: websocket, a long field": request(Upgrade="websocket", Connection="Upgrade", Cookie="x" * 12_000),
    "Upgrade: h2c": request(Upgrade="h2c", Connection="Upgrade, HTTP2-Settings", HTTP2_Settings="AAMAAABkAAQAAP__"),
    "Upgrade: h2c, with a body": request("POST", body=b"{}", kind=JSON, Upgrade="h2c", Connection="Upgrade"),
    # --------------------------------------------------------------------------------------------------------- headers
    "a cookie of everything": request(Cookie='sessionid="\x01; csrftoken=\xff; language=../../x; messages=a; voter_token=\xff; queue_host_auth=.; place_ABCDEF=\xff; =; ;;'),
    "a language of everything": request(Accept_Language="en-\xff;q=x, *;q=9, " + "a-" * 300 + ",,,;"),
    "10,000 languages": request(Accept_Language="a," * 5_000),
    "a language cookie": request(Cookie="language=" + "x-" * 500),
    "an Accept of everything": request(Accept="/;q=, a/b;c=\xff, " + "x/y," * 500),
    "ranges": request(Range="bytes=0-1,-5,99999999999999999999-", If_Range="x"),
    "a range that is none": request(Range="bytes=\xff-\xb2"),
    "dates that are none": request(If_Modified_Since="yesterday", If_Unmodified_Since="Sat, 99 Foo 99999 99:99:99 GMT"),
    "a date beyond all": request(If_Modified_Since="Fri, 31 Dec 9999999999 23:59:59 GMT"),
    "tags": request(If_None_Match='W/"a", *, "\xff', If_Match="*"),
    "addresses": request(X_Forwarded_For="\xff, [::1, 999.1.1.1:99999, ,,", Forwarded='for="[', X_Real_IP="x", X_Forwarded_Proto="https,x"),
    "an origin that is none": request("POST", Origin="http://[", Referer="http://["),
    "an origin of letters": request("POST", Origin="\xff", Referer="\xff", Sec_Fetch_Site="\xff"),
    "a proof of everything": request("POST", body=b"{}", kind=JSON, x_host_auth="\xff.\xff", api_key="\xff", Idempotency_Key="\xff" * 20, Authorization="Bearer \xff"),
    "a long proof": request("POST", body=b"{}", kind=JSON, x_host_auth="a." * 3_000, api_key="x" * 3_000, Idempotency_Key="x" * 3_000),
    "a basic proof": request(Authorization="Basic !!!"),
    "a last event": request(Last_Event_ID="\xff" * 10),
    "a last event of digits": request(Last_Event_ID="9" * 5_000),
    "many fields": request("GET", "", b"", **MANY),
}  # fmt: skip
