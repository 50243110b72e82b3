"""A small OpenID Connect issuer on a real socket, which answers rightly unless told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "sohoa-desk", "mot-bi-mat"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class FakeIssuer:
    """What it knows, and how it lies.

    Attributes:
        lies: claims that stand in the token instead of the right ones; None leaves one out.
        document_lies: the same for the discovery document.
        down: every answer is 503.
        person: subject and name of whom a real browser finds signed in.
    """

    url: str = ""
    key: rsa.RSAPrivateKey = field(default_factory=new_key)
    signing_key: Any = None
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    document_lies: dict[str, Any] = field(default_factory=dict)
    down: bool = False
    person: tuple[str, str] = ("s-1", "lan")

    def approve(self, address: str, subject: str, name: str) -> dict[str, str]:
        """What the browser brings back once a person has signed in at `address`."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked | {"sub": subject, "name": name}
        return {"code": code, "state": asked["state"]}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        expected = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self.codes.pop(form.get("code", ""), None)  # a code is good once
        if asked is None or authorization != f"Basic {expected}":
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (challenge, form["redirect_uri"]) != (asked["code_challenge"], asked["redirect_uri"]):
            return None
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "sub": asked["sub"], "nonce": asked["nonce"], "iat": now,
            "exp": now + 300, "preferred_username": asked["name"],
        } | self.lies  # fmt: skip
        claims = {k: v for k, v in claims.items() if v is not None}
        key = None if self.algorithm == "none" else self.signing_key or self.key
        token = jwt.encode(claims, key, self.algorithm, headers={"kid": "k1"})
        return {"access_token": "x", "token_type": "Bearer", "id_token": token}

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.url, "authorization_endpoint": f"{self.url}/auth", "jwks_uri": f"{self.url}/keys",
            "token_endpoint": f"{self.url}/token",
        } | self.document_lies  # fmt: skip

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [public | {"kid": "k1", "use": "sig", "alg": "RS256"}]}


@contextmanager
def issuing() -> Iterator[FakeIssuer]:
    issuer = FakeIssuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/auth?"):  # whoever comes has signed in already
                back = issuer.approve(self.path, *issuer.person)
                self.send_response(302)
                redirect_uri = issuer.codes[back["code"]]["redirect_uri"]
                self.send_header("Location", f"{redirect_uri}?{urlencode(back)}")
                self.end_headers()
                return
            pages = {"/.well-known/openid-configuration": issuer.document, "/keys": issuer.keys}
            self.say(pages[self.path]())

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.say(issuer.token({k: v[0] for k, v in form.items()}, self.headers["Authorization"]))

        def say(self, told: dict[str, Any] | None) -> None:
            self.send_response(503 if issuer.down else 400 if told is None else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(told or {"error": "invalid_grant"}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield issuer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
