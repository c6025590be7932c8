"""A small OpenID Connect provider, a process of its own: `python -m tests.core.accounts.provider PORT`.

Real HTTP, real signatures, PKCE checked. `POST /_set` says who is signed in there, and how it misbehaves.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from typing import Any
from urllib.parse import parse_qs, urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response

CLIENT, SECRET = "ofx", "a secret of the client"


class Provider:
    """Keys, codes and the person who is signed in."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.codes: dict[str, dict[str, str]] = {}
        self.person: dict[str, Any] = {}

    def __call__(self, environ: Any, start: Any) -> Any:
        """WSGI."""
        request = Request(environ)
        routes = {
            "/.well-known/openid-configuration": self.discovery,
            "/authorize": self.authorize,
            "/token": self.token,
            "/userinfo": self.userinfo,
            "/jwks": self.jwks,
            "/_set": self.set,
        }
        found = routes.get(request.path)
        return (found(request) if found else Response("nothing here", 404))(environ, start)

    def discovery(self, request: Request) -> Response:
        """Where everything is."""
        issuer = "https://elsewhere.example" if self.person.get("fault") == "discovery" else self.issuer
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        found = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        found |= {"issuer": issuer, "userinfo_endpoint": f"{self.issuer}/userinfo"}
        return _json({**found, "token_endpoint_auth_methods_supported": ["client_secret_post"]})

    def authorize(self, request: Request) -> Response:
        """The person is signed in already: back at once."""
        asked = {name: values[0] for name, values in parse_qs(request.query_string.decode()).items()}
        if asked["client_id"] != CLIENT or asked["response_type"] != "code":
            return Response("bad client", 400)
        code = secrets.token_hex(8)
        self.codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return Response("", 302, {"Location": f"{asked['redirect_uri']}?{back}"})

    def token(self, request: Request) -> Response:
        """The code, once, against client secret and PKCE verifier."""
        form = request.form
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("client_secret") != SECRET or form.get("client_id") != CLIENT:
            return _json({"error": "invalid_grant"}, 400)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).rstrip(b"=").decode() != asked.get("code_challenge"):
            return _json({"error": "invalid_grant"}, 400)
        return _json({"access_token": "at", "token_type": "Bearer", "id_token": self._id_token(asked)})

    def _id_token(self, asked: dict[str, str]) -> str:
        fault, now = self.person.get("fault"), int(time.time())
        claims = {
            "iss": "https://elsewhere.example" if fault == "issuer" else self.issuer,
            "aud": "another client" if fault == "audience" else CLIENT,
            "sub": self.person["sub"],
            "nonce": "stale" if fault == "nonce" else asked.get("nonce", ""),
            "iat": now - 7200 if fault == "expired" else now,
            "exp": now - 3600 if fault == "expired" else now + 300,
        }
        if fault == "no nonce":
            del claims["nonce"]
        key = self.other if fault == "signature" else self.key
        if fault == "unsigned":
            return jwt.encode(claims, "", algorithm="none")
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": "one"})

    def userinfo(self, request: Request) -> Response:
        """Who it is."""
        sub = "somebody else" if self.person.get("fault") == "userinfo" else self.person["sub"]
        return _json({**{k: v for k, v in self.person.items() if k not in {"fault", "sub"}}, "sub": sub})

    def jwks(self, request: Request) -> Response:
        """The public key."""
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return _json({"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]})

    def set(self, request: Request) -> Response:
        """Who is signed in from now on."""
        self.person = json.loads(request.get_data())
        return _json({})


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json")


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), Provider(int(sys.argv[1])), threaded=True)
