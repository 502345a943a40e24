"""What a provider's server, or what stands before it, says when it is broken."""

from bot.sandbox.faults import Fault

HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
# No answer that could be read; none of them says whether the work was done.
GARBLED = {
    "HTML": Fault(status=502, body=HTML, content_type="text/html"),
    "HTML and 200": Fault(status=200, body=HTML, content_type="text/html"),
    "empty": Fault(status=200, body=b""),
    "truncated": Fault(body=b'{"status": "OK", "phone_nu', announced_length=400),
    "huge": Fault(body=b'{"status": "OK", "x": "' + b"x" * 3_000_000 + b'"}'),
    "wrongly typed": Fault(body={"status": "OK", "phone_number": 14152007986, "worker_id": []}),
    "uncoded 500": Fault(status=500, body={"status": "ERROR", "message": "Internal"}),
    "throttled": Fault(status=429, body={"message": "Too many requests"}),
    "redirect": Fault(status=302, headers={"Location": "/elsewhere"}),
    "cut": Fault(cut="before"),
}
