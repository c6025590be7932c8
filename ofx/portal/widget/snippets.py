"""What a provider copies: the element for its page, and its server's few lines in three languages."""

from dataclasses import dataclass
from string import Template

from django.conf import settings


@dataclass(frozen=True)
class Snippet:
    """One piece to copy."""

    name: str
    title: str
    text: str


PAGE = Template("""<script src="$base/static/js/widget.js" defer></script>
<ofx-help provider="$issuer" token-url="/help-token"></ofx-help>
""")

PYTHON = Template("""# pip install pyjwt
import os, time
import jwt

def help_token(customer, person):
    now = int(time.time())
    claims = {
        "iss": "$issuer", "aud": "$base", "iat": now, "exp": now + 600,
        "customer": customer,        # the customer's account number, or its name in our addresses
        "sub": str(person["id"]),    # your own number of the person
        "name": person["name"], "email": person["email"],
    }
    return jwt.encode(claims, os.environ["HELP_WIDGET_SECRET"], algorithm="HS256", headers={"kid": "$key"})
""")

NODE = Template("""// npm install jsonwebtoken
import jwt from "jsonwebtoken";

export function helpToken(customer, person) {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "$issuer", aud: "$base", iat: now, exp: now + 600,
    customer, sub: String(person.id), name: person.name, email: person.email,
  };
  return jwt.sign(claims, process.env.HELP_WIDGET_SECRET, { algorithm: "HS256", keyid: "$key" });
}
""")

PHP = Template("""<?php // composer require firebase/php-jwt
use Firebase\\JWT\\JWT;

function help_token(string $$customer, array $$person): string {
    $$now = time();
    $$claims = [
        'iss' => '$issuer', 'aud' => '$base', 'iat' => $$now, 'exp' => $$now + 600,
        'customer' => $$customer, 'sub' => (string) $$person['id'],
        'name' => $$person['name'], 'email' => $$person['email'],
    ];
    return JWT::encode($$claims, getenv('HELP_WIDGET_SECRET'), 'HS256', '$key');
}
""")


def snippets(*, issuer: str, key: str) -> list[Snippet]:
    """The page's part first, then the server's. `key`: the newest key's id."""
    values = {"base": settings.OFX_BASE_URL, "issuer": issuer, "key": key or "wk_…"}
    parts = (
        ("page", "On your page", PAGE),
        ("python", "Your server: Python", PYTHON),
        ("node", "Your server: Node.js", NODE),
        ("php", "Your server: PHP", PHP),
    )
    return [Snippet(name, title, text.substitute(values)) for name, title, text in parts]
