"""The service of the demo stack: answers questions about causal graphs, keeps answers in Redis, and tells how it is.

Standard library only. Where it listens and whom it asks comes from the environment; `stack` sets it.
"""

import json
import os
import socket
import subprocess
import threading
import time
import urllib.request
from graphlib import CycleError, TopologicalSorter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

VERSION = "1.4.0"
PORT = int(os.environ["PORT"])
REDIS = (os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"]))
STARTED = time.time()

# Seconds, as a histogram of Prometheus counts them.
BOUNDS = [0.005, 0.025, 0.1, 0.5, 1, 2, 5, 10]


class Counts:
    """What /metrics shows, counted by all threads."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = {}
        self.cache = {"requests": 0, "hits": 0}

    def answered(self, endpoint, code, seconds):
        with self.lock:
            of = self.requests.setdefault((endpoint, code), {"buckets": [0] * len(BOUNDS), "sum": 0.0, "count": 0})
            of["buckets"] = [n + (seconds <= bound) for n, bound in zip(of["buckets"], BOUNDS)]
            of["sum"] += seconds
            of["count"] += 1

    def looked_up(self, hit):
        with self.lock:
            self.cache["requests"] += 1
            self.cache["hits"] += hit

    def lines(self):
        with self.lock:
            for name, value in self.cache.items():
                yield f"# TYPE isl_cache_{name}_total counter"
                yield f"isl_cache_{name}_total {value}"
            yield "# TYPE isl_request_seconds histogram"
            for (endpoint, code), of in self.requests.items():
                labels = f'endpoint="{endpoint}",code="{code}"'
                for bound, number in zip([*BOUNDS, "+Inf"], [*of["buckets"], of["count"]]):
                    yield f'isl_request_seconds_bucket{{{labels},le="{bound}"}} {number}'
                yield f"isl_request_seconds_sum{{{labels}}} {of['sum']}"
                yield f"isl_request_seconds_count{{{labels}}} {of['count']}"


COUNTS = Counts()


def redis(*words):
    """Sends one command in Redis' protocol; gives the text it answers, or None for nothing."""
    with socket.create_connection(REDIS, timeout=1) as connection:
        stream = connection.makefile("rwb")
        for command in (("AUTH", os.environ["REDISCLI_AUTH"]), words):
            parts = [str(word).encode() for word in command]
            stream.write(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts))
            stream.flush()
            answer = stream.readline().rstrip(b"\r\n")
            if answer[:1] not in (b"+", b"$"):
                raise ConnectionError(answer.decode() or "Redis hung up")
        if answer[:1] == b"+":
            return answer[1:].decode()
        length = int(answer[1:])
        return None if length < 0 else stream.read(length).decode()


def redis_answers():
    try:
        return redis("PING") == "PONG"
    except OSError:
        return False


def database_answers():
    asked = ["psql", "-XAt", "-d", os.environ["DATABASE_URL"], "-c", "SELECT max(version) FROM schema_version"]
    quick = {**os.environ, "PGCONNECT_TIMEOUT": "2"}
    try:
        return subprocess.run(asked, env=quick, capture_output=True, timeout=3, check=True).stdout.strip() != b""
    except (OSError, subprocess.SubprocessError):
        return False


def validate(asked):
    """Where everything is observed, an effect can be told from data as long as nothing causes itself."""
    graph = {}
    for edge in asked["edges"].split(","):
        cause, effect = edge.split("-")
        graph.setdefault(effect, set()).add(cause)
        graph.setdefault(cause, set())
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError:
        return {"identifiable": False, "why": "a cycle"}
    return {"identifiable": {asked["treatment"], asked["outcome"]} <= set(order)}


def counterfactual(asked):
    """In the line A, B, C each is twice what it comes from."""
    return {"A": float(asked["a"]), "C": 4 * float(asked["a"])}


ENDPOINTS = {"/api/v1/causal/validate": validate, "/api/v1/causal/counterfactual": counterfactual}


def cached(answer, path, asked):
    """Answers are kept for ten seconds; without Redis they are found again each time."""
    key = f"{path}?{sorted(asked.items())}"
    try:
        kept = redis("GET", key)
        COUNTS.looked_up(kept is not None)
        if kept is not None:
            return json.loads(kept)
        found = answer(asked)
        redis("SET", key, json.dumps(found), "EX", 10)
        return found
    except OSError:
        return answer(asked)


def health():
    has = {"redis": redis_answers(), "database": database_answers()}
    status = "healthy" if all(has.values()) else "degraded"
    return {"status": status, "version": VERSION, **{name: {"connected": is_there} for name, is_there in has.items()}}


def metrics():
    now = health()
    yield "# TYPE isl_service_up gauge"
    yield f"isl_service_up {int(now['status'] == 'healthy')}"
    yield "# TYPE isl_build_info gauge"
    yield f'isl_build_info{{version="{VERSION}"}} 1'
    yield "# TYPE isl_dependency_up gauge"
    for name in ("redis", "database"):
        yield f'isl_dependency_up{{dependency="{name}"}} {int(now[name]["connected"])}'
    yield "# TYPE process_start_time_seconds gauge"
    yield f"process_start_time_seconds {STARTED}"
    yield from COUNTS.lines()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        began, url = time.monotonic(), urlsplit(self.path)
        if url.path == "/metrics":
            return self.send(200, "text/plain; version=0.0.4", "".join(f"{line}\n" for line in metrics()))
        if url.path == "/health":
            code, answer = 200, health()
            code = 200 if answer["status"] == "healthy" else 503
        else:
            code, answer = self.api(url)
        name = url.path.rsplit("/", 1)[-1] if code != 404 else "unknown"
        COUNTS.answered(name, code, time.monotonic() - began)
        return self.send(code, "application/json", json.dumps(answer) + "\n")

    def api(self, url):
        answer = ENDPOINTS.get(url.path)
        if answer is None:
            return 404, {"error": "no such endpoint"}
        try:
            return 200, cached(answer, url.path, {name: given[0] for name, given in parse_qs(url.query).items()})
        except (KeyError, ValueError) as error:
            return 400, {"error": f"cannot be understood: {error}"}

    def send(self, code, kind, text):
        body = text.encode()
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def visit():
    """Somebody has to ask, or there is nothing to measure."""
    visits = ["validate?edges=A-B,B-C&treatment=A&outcome=C", "counterfactual?a=1", "counterfactual?a=2"]
    while True:
        for path in visits:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/api/v1/causal/{path}", timeout=5) as answer:
                    answer.read()
            except OSError:
                pass
            time.sleep(0.2)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
    threading.Thread(target=visit, daemon=True).start()
    server.serve_forever()
