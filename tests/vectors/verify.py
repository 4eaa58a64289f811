#!/usr/bin/env python3
"""A second verifier of ledgers, written from docs/ledger.md alone: python3 verify.py LEDGER-FOLDER

Form, links, order, tree, checkpoint, what statements saw, signatures (by ssh-keygen), evidence. It prints what is wrong,
and ends with 1 where something is. Policy, quorum and reports are left to holdpoint.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HEX64 = re.compile(r"[0-9a-f]{64}\Z")
TIME = re.compile(r"\d{4}-(\d\d)-(\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z\Z")
LARGEST = 2**53 - 1
ROTATION = 4096


class Wrong(Exception):
    """Why a line is no entry."""


def need(holds, why):
    if not holds:
        raise Wrong(why)


# Canonical form: what is read, written again, is the same bytes.


def text(value):
    out = ['"']
    for char in value:
        code = ord(char)
        need(code not in (0, 0x7F) and not 0xD800 <= code <= 0xDFFF, "a character that has no place")
        short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
        out.append(short.get(char) or (f"\\u{code:04x}" if code < 0x20 else char))
    return "".join(out) + '"'


def canonical(value):
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        need(abs(value) <= LARGEST, "a number that is too large")
        return str(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    need(isinstance(value, dict), "a float")
    need(all(re.fullmatch(r"[a-z0-9_]+", key) for key in value), "a key of other characters")
    return "{" + ",".join(f"{text(key)}:{canonical(value[key])}" for key in sorted(value)) + "}"


# What the tables say of each kind. A type is a function that asks for it.


def digest(value):
    need(isinstance(value, str) and HEX64.match(value), "no digest")


def time(value):
    need(isinstance(value, str) and TIME.match(value), "no time")
    month, day = int(value[5:7]), int(value[8:10])
    leap = int(value[:4]) % 4 == 0 and (int(value[:4]) % 100 != 0 or int(value[:4]) % 400 == 0)
    days = [31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    need(1 <= month <= 12 and 1 <= day <= days[month - 1], "no day")


def integer(value):
    need(isinstance(value, int) and not isinstance(value, bool), "no integer")


def boolean(value):
    need(isinstance(value, bool), "neither true nor false")


def string(value):
    need(isinstance(value, str), "no text")


def name(value):
    need(isinstance(value, str) and re.fullmatch(r"[0-9a-f]{32}", value), "no 16 bytes in hex")


def null(value):
    need(value is None, "not null")


def true(value):
    need(value is True, "not true")


def one_of(*words):
    return lambda value: need(value in words, f"not one of {words}")


def nullable(kind):
    return lambda value: None if value is None else kind(value)


def many(kind):
    def check(value):
        need(isinstance(value, list), "no list")
        for one in value:
            kind(one)

    return check


def fields(**kinds):
    """Keys with their types; one whose name ends with `_or_none` may be left out."""
    required = {key: kind for key, kind in kinds.items() if not key.endswith("_or_none")}
    optional = {key.removesuffix("_or_none"): kind for key, kind in kinds.items() if key not in required}

    def check(value):
        need(isinstance(value, dict), "no object")
        need(required.keys() <= value.keys() <= required.keys() | optional.keys(), "other keys")
        for key, one in value.items():
            (required.get(key) or optional[key])(one)

    return check


OUTCOME = one_of("pass", "fail", "error", "pending", "skipped", "waived")
STREAM = fields(bytes=integer, lines=integer, sha256=digest, kept=nullable(digest))
EXPECT = fields(text=string, held=nullable(boolean), observed=string)
STEP = fields(
    title=string, exit=nullable(integer), ms=integer, expect=many(EXPECT), stdout=STREAM, stderr=STREAM
)
CHECK = fields(kind=string, steps=many(STEP), target=nullable(string), message=nullable(string))
RESULT = fields(
    run=string, item=string, item_sha256=digest, attempt=integer, outcome=OUTCOME, ms=integer,
    checks=many(CHECK), redactions=many(fields(rule=string, count=integer)),
)
PINS = {"policy": digest, "allowed_signers": nullable(digest), "revoked": nullable(digest)}
PARAM = fields(name=string, value_or_none=string, redacted_or_none=true)
CHANGE = fields(**{
    f"{key}_or_none": string
    for key in ["back_out", "impact", "kind", "reason", "reference", "requester", "risk", "window"]
})
COMMON = {
    "at": time, "gate": nullable(string), "head": digest, "ledger": name,
    "meaning": one_of("reviewed", "approved", "responsible", "authored"), "name": string,
    "reason": string, "report": nullable(digest), "role": string, "root": digest,
    "run": nullable(string), "signer": string, "size": integer, "type": string,
}
STATEMENTS = {
    "signoff": {"decision": one_of("go", "no-go", "abstain")},
    "decided": {"decision": one_of("go", "no-go"), "verdict": one_of("GO", "HOLD", "NO-GO")},
    "waived": {
        "decision": null, "item": string, "item_sha256": digest, "result": nullable(digest), "until": time
    },
    "void": {"decision": null, "entry": digest},
    "forgotten": {"decision": null, "evidence": many(digest)},
    "policy": {"decision": null, "policy": fields(**PINS)},
    "attested": {
        "decision": one_of("pass", "fail", "skipped"), "item": string, "item_sha256": digest,
        "evidence": many(digest),
    },
}


def statement(kind):
    def check(value):
        fields(**COMMON, **STATEMENTS[kind])(value)
        need(value["type"] == f"holdpoint/{kind}@v1", "a statement of another type")

    return check


def said(kind):
    return fields(run=string, statement=statement(kind), sig=nullable(string))


KINDS = {
    "genesis": fields(ledger=name, name=string, trunk=string, log_key=nullable(string)),
    "policy": fields(**PINS, statement_or_none=statement("policy"), sig_or_none=string),
    "run_opened": fields(
        run=string, checklist=fields(path=string, sha256=digest, title=string), release=string,
        environment=string, commit=string, dirty=boolean, params=many(PARAM), gates=many(string),
        items=integer, items_sha256=digest, change_or_none=CHANGE,
    ),
    "result": RESULT,
    "action": RESULT,
    "attested": fields(
        run=string, item=string, item_sha256=digest, outcome=OUTCOME, note=string,
        evidence=many(digest), statement_or_none=statement("attested"), sig_or_none=string,
    ),
    "sample": fields(
        run=string, item=string, item_sha256=digest,
        samples=many(fields(at=time, held=nullable(boolean), observed=string)),
    ),
    "trigger": fields(run=string, item=string, item_sha256=digest, since=time, fired=boolean, observed=string),
    **{kind: said(kind) for kind in ["waived", "signoff", "decided", "void", "forgotten"]},
    "report": fields(
        run=string, gate=nullable(string), head=digest, format=string, sha256=digest, renderer=string,
        templates=digest, view_sha256=digest,
    ),
    "note": fields(run=nullable(string), text=string),
}
ENTRY = fields(
    at=time, body=lambda body: None, kind=string, prev=many(digest), seq=integer, v=one_of(1),
    writer=fields(id=string, n=integer),
)


def entry(line):
    need(len(line) < 64 << 10, "longer than 64 KiB")
    try:
        value = json.loads(line.decode("utf-8"), parse_constant=lambda _: need(False, "no number"))
        again = canonical(value).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Wrong(f"no JSON: {error}") from error
    need(again == line, "not in canonical form")
    ENTRY(value)
    need(value["kind"] in KINDS, "a kind that is not known")
    body = value["body"]
    KINDS[value["kind"]](body)
    need(value["writer"]["n"] >= 1, "a count below 1")
    words = body.get("statement") if value["kind"] != "genesis" else None
    need(("statement" in body) == ("sig" in body), "a statement without its signature, or the other way round")
    if words:
        need(words["run"] == body.get("run"), "a statement about another run")
        if value["kind"] == "policy":
            need(words["policy"] == {key: body[key] for key in PINS}, "a statement about another policy")
        if value["kind"] == "attested":
            same = ["item", "item_sha256", "evidence"]
            need(all(words[key] == body[key] for key in same), "a statement about another answer")
            need(words["decision"] == body["outcome"] and words["reason"] == body["note"], "another answer")
    return value


# The tree, and who signed it.


def leaf(id):
    return hashlib.sha256(b"\0" + bytes.fromhex(id)).digest()


def root(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\1" + root(leaves[:half]) + root(leaves[half:])).digest()


P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def plus(a, b):
    x, y, z, t = a
    u, v, w, s = b
    e, f = (y - x) * (v - u) % P, (y + x) * (v + u) % P
    g, h = 2 * t * s * D % P, 2 * z * w % P
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number, point):
    result = (0, 1, 1, 0)
    while number:
        if number & 1:
            result = plus(result, point)
        point, number = plus(point, point), number >> 1
    return result


def point(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    need(y < P and (x * x - square) % P == 0, "no point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point(bytes.fromhex("58" + "66" * 31))


def ed25519(key, message, signature):
    """RFC 8032, 5.1.7."""
    s = int.from_bytes(signature[32:], "little")
    hashed = hashlib.sha512(signature[:32] + key + message).digest()
    left = times(s, BASE)
    right = plus(point(signature[:32]), times(int.from_bytes(hashed, "little") % L, point(key)))
    same = all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))
    return s < L and same


def checkpoint(note, genesis):
    """Size and root that the log's key has signed."""
    origin, key_id, key = genesis["log_key"].split("+", 2)
    key = base64.b64decode(key, validate=True)
    need(origin == f"holdpoint/{genesis['ledger']}", "the log key is another log's")
    need(key[0] == 1 and hashlib.sha256(origin.encode() + b"\n" + key).digest()[:4].hex() == key_id, "a key id")
    message, signatures = note.rsplit("\n\n", 1)
    message += "\n"
    for line in signatures.splitlines():
        mark, by, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        need(mark == "—", "no signature")
        if by == origin and signature[:4].hex() == key_id:
            need(ed25519(key[1:], message.encode(), signature[4:]), "a signature of something else")
            name, size, hashed = message.splitlines()
            need(name == origin and re.fullmatch(r"0|[1-9]\d*", size), "no checkpoint")
            return int(size), base64.b64decode(hashed, validate=True)
    raise Wrong("not signed by the log's key")


# All of it.


def lines(path):
    try:
        octets = path.read_bytes()
    except OSError as error:
        octets = error.strerror.encode()
    if octets and not octets.endswith(b"\n"):
        print(f"{path}: the last line is not complete")
        lines.torn = True
    return octets.split(b"\n")[:-1]


def heads(known, prev):
    """None of them follows another."""
    lowest, seen = min(known[id]["seq"] for id in prev), set()
    open = [parent for id in prev for parent in known[id]["prev"]]
    while open:
        id = open.pop()
        if id in prev:
            return False
        if id not in seen and known[id]["seq"] > lowest:
            seen.add(id)
            open.extend(known[id]["prev"])
    return True


def main(folder):
    wrong = []
    segments = sorted((folder / "archive").glob("*.jsonl"))
    trunk = []
    for segment in segments:
        part = lines(segment)
        if segment.stem != f"{len(trunk):012}" or len(part) != ROTATION:
            wrong.append(f"{segment}: missing, short, or of another name")
        trunk += part
    trunk += lines(folder / "ledger.jsonl") if (folder / "ledger.jsonl").exists() else []
    sealed, known, order = len(trunk), {}, []
    waiting = [line for path in sorted((folder / "inbox").glob("*.jsonl")) for line in lines(path)]
    for at, line in enumerate(trunk + waiting):
        id = hashlib.sha256(line + b"\n").hexdigest()
        if id in known:
            if at < sealed:
                wrong.append(f"line {at + 1} is there twice")
            continue
        try:
            known[id] = entry(line)
            order.append((id, at < sealed))
        except Wrong as error:
            wrong.append(f"line {at + 1}: {error}")
    first = known[order[0][0]] if order else {"kind": None}
    ready, runs, counts = set(), set(), set()
    pending = [id for id, is_sealed in order if not is_sealed]
    trunk_ids = [id for id, is_sealed in order if is_sealed]

    def take(id):
        one = known[id]
        prev, body = one["prev"], one["body"]
        if (one["kind"] == "genesis") != (not prev) or (one is first) != (one["kind"] == "genesis"):
            wrong.append(f"{id}: a ledger begins once, in its first line")
        if prev != sorted(set(prev)):
            wrong.append(f"{id}: `prev` is not ascending")
        if not all(parent in ready for parent in prev):
            return wrong.append(f"{id}: follows what is not before it")
        if one["seq"] != max((known[parent]["seq"] + 1 for parent in prev), default=0):
            wrong.append(f"{id}: `seq` is another")
        if len(prev) > 1 and not heads(known, prev):
            wrong.append(f"{id}: `prev` names what another in it follows")
        ready.add(id)
        run = body.get("run")
        if one["kind"] == "run_opened":
            if run in runs:
                wrong.append(f"{id}: opens a run again")
            runs.add(run)
        elif run is not None and run not in runs:
            wrong.append(f"{id}: is of a run that was not opened")
        counts.add((one["writer"]["id"], one["writer"]["n"]))

    for id in trunk_ids:
        take(id)
    while pending:
        free = [id for id in pending if all(parent in ready or parent not in known for parent in known[id]["prev"])]
        if not free:
            wrong.append("lines follow each other in a circle")
            break
        next = min(free, key=lambda id: (known[id]["seq"], known[id]["at"], id))
        pending.remove(next)
        take(next)

    leaves = [leaf(hashlib.sha256(line + b"\n").hexdigest()) for line in trunk]
    signed = (folder / "checkpoint").read_text() if (folder / "checkpoint").exists() else None
    if first["kind"] == "genesis" and first["body"]["log_key"]:
        try:
            need(signed is not None, "it is gone")
            size, hashed = checkpoint(signed, first["body"])
            need(size <= len(leaves), "more lines were signed than there are")
            need(root(leaves[:size]) == hashed, "other lines were signed")
        except (Wrong, ValueError, IndexError) as error:
            wrong.append(f"checkpoint: {error}")
        vkey = folder / "keys/log.vkey"
        if not vkey.exists() or vkey.read_text() != first["body"]["log_key"] + "\n":
            wrong.append("log.vkey is not the key of the genesis")

    def evidence(hash):
        path = folder / "evidence" / hash[:2] / hash
        found = path.read_bytes() if path.is_file() else None
        if found is None or hashlib.sha256(found).hexdigest() != hash:
            wrong.append(f"evidence {hash} is gone or changed")
            return None
        return found

    allowed = None
    for id, _ in order:
        one = known[id]
        body = one["body"]
        named = {
            "policy": lambda: [body[key] for key in PINS if body[key]],
            "run_opened": lambda: [body["checklist"]["sha256"], body["items_sha256"]],
            "attested": lambda: body["evidence"],
            "result": lambda: [
                stream["kept"] for check in body["checks"] for step in check["steps"]
                for stream in (step["stdout"], step["stderr"]) if stream["kept"]
            ] + [
                hash for check in body["checks"] if check["kind"] == "detail"
                for hash in (check["message"], check["target"]) if hash
            ],
        }.get(one["kind"], list)()
        found = {hash: evidence(hash) for hash in named}
        if one["kind"] == "policy" and body["allowed_signers"] and (allowed is None or "statement" in body):
            allowed = found.get(body["allowed_signers"])
        words = body.get("statement")
        if words is None:
            continue
        if words["ledger"] != first["body"].get("ledger") or words["head"] not in ready:
            wrong.append(f"{id}: said of another ledger or state")
        if not 0 <= words["size"] <= len(leaves) or root(leaves[: words["size"]]).hex() != words["root"]:
            wrong.append(f"{id}: its signer saw other lines")
        if allowed and not is_signed(words, body["sig"], allowed):
            wrong.append(f"{id}: not signed by who may")
    for line in wrong:
        print(line)
    return 1 if wrong or getattr(lines, "torn", False) or not order else 0


def is_signed(words, sig, allowed):
    if sig is None:
        return False
    kind = words["type"].removeprefix("holdpoint/").removesuffix("@v1")
    with tempfile.TemporaryDirectory() as folder:
        keys, signature = Path(folder, "keys"), Path(folder, "sig")
        keys.write_bytes(allowed)
        signature.write_text(sig)
        command = ["ssh-keygen", "-Y", "verify", "-f", keys, "-I", words["signer"]]
        command += ["-n", f"{words['role']}.{kind}@holdpoint", "-s", signature]
        done = subprocess.run(command, input=(canonical(words) + "\n").encode(), capture_output=True)
        return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
