from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json

import jwt
import orjson
import pytest
from joserfc.jwk import OKPKey

from feria_core import clock as core_clock
from feria_core import db
from feria_core.ids import new_id
from feria_users.provides import AccessTokens
from feria_users.service.keyring import Keyring, keyring


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def parts(token):
    header, payload, _ = token.split(".")
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, payload))


async def signed(header, claims):
    """Sign with the real key whatever the header says."""
    _, key = await keyring.signer()
    head = f"{b64(orjson.dumps(header))}.{b64(orjson.dumps(claims))}"
    return f"{head}.{b64(key.private_key.sign(head.encode()))}"


async def test_tokens_say_what_they_must(signed_in):
    header, claims = parts((await signed_in()).access_token)
    assert header["alg"] == "EdDSA"
    assert set(claims) == {"iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti", "typ"}
    assert (claims["iss"], claims["aud"]) == ("http://localhost:8000", "feria")
    assert claims["exp"] - claims["iat"] == 900


async def test_anybody_can_verify_them_with_the_published_keys(client, signed_in):
    ana = await signed_in()
    answer = await client.get("/.well-known/jwks.json")
    assert answer.status == 200
    assert "etag" in answer.headers
    [published] = answer.json["keys"]
    assert set(published) == {"kid", "kty", "crv", "x", "alg", "use"}
    assert published["kid"] == parts(ana.access_token)[0]["kid"]
    key = jwt.PyJWK(published).key
    claims = jwt.decode(ana.access_token, key, algorithms=["EdDSA"], audience="feria")
    assert claims["typ"] == "access"


FORGERIES = {
    "algorithm none": lambda h, c: ({**h, "alg": "none"}, c),
    "algorithm Ed25519": lambda h, c: ({**h, "alg": "Ed25519"}, c),
    "algorithm missing": lambda h, c: ({k: v for k, v in h.items() if k != "alg"}, c),
    "algorithm list": lambda h, c: ({**h, "alg": ["EdDSA"]}, c),
    "header typ": lambda h, c: ({**h, "typ": "JWT"}, c),
    "kid path": lambda h, c: ({**h, "kid": "../../etc/passwd"}, c),
    "kid sql": lambda h, c: ({**h, "kid": "' OR 1=1 --"}, c),
    "kid unknown": lambda h, c: ({**h, "kid": str(new_id())}, c),
    "kid number": lambda h, c: ({**h, "kid": 1}, c),
    "kid missing": lambda h, c: ({k: v for k, v in h.items() if k != "kid"}, c),
    "own key in header": lambda h, c: ({**h, "jwk": OKPKey.generate_key("Ed25519").as_dict(private=False)}, c),
    "crit": lambda h, c: ({**h, "crit": ["exp"]}, c),
    "crit number": lambda h, c: ({**h, "crit": 1}, c),
    "expired": lambda h, c: (h, {**c, "exp": c["iat"] - 1}),
    "expires now": lambda h, c: (h, {**c, "exp": c["iat"]}),
    "exp text": lambda h, c: (h, {**c, "exp": "9999999999"}),
    "exp missing": lambda h, c: (h, {k: v for k, v in c.items() if k != "exp"}),
    "nbf future": lambda h, c: (h, {**c, "nbf": c["nbf"] + 60}),
    "iat future": lambda h, c: (h, {**c, "iat": c["iat"] + 60}),
    "aud": lambda h, c: (h, {**c, "aud": "another"}),
    "aud missing": lambda h, c: (h, {k: v for k, v in c.items() if k != "aud"}),
    "iss": lambda h, c: (h, {**c, "iss": "http://evil.example"}),
    "typ": lambda h, c: (h, {**c, "typ": "refresh"}),
    "sub other": lambda h, c: (h, {**c, "sub": str(new_id())}),
    "sub garbage": lambda h, c: (h, {**c, "sub": "1"}),
    "sub number": lambda h, c: (h, {**c, "sub": 1}),
    "sid other": lambda h, c: (h, {**c, "sid": str(new_id())}),
    "sid number": lambda h, c: (h, {**c, "sid": 5}),
    "claims list": lambda h, c: (h, [c]),
    "claims text": lambda h, _: (h, "claims"),
    "header list": lambda _, c: (["alg"], c),
    "header text": lambda _, c: ("alg", c),
    "header number": lambda _, c: (1, c),
}


@pytest.mark.parametrize("name", FORGERIES)
async def test_even_signed_tokens_must_be_right(client, clock, signed_in, name):
    """Signed with the real key, so that only the named check can be what refuses."""
    ana = await signed_in()
    header, claims = parts(ana.access_token)
    assert (await client.signed_in(await signed(header, claims)).get("/api/users/me")).status == 200
    answer = await client.signed_in(await signed(*FORGERIES[name](header, claims))).get("/api/users/me")
    assert (answer.status, answer.code) == (401, "unauthenticated")


async def test_tokens_of_others_are_refused(client, signed_in):
    ana = await signed_in()
    header, claims = parts(ana.access_token)
    head, body, signature = ana.access_token.split(".")
    _, key = await keyring.signer()
    x = key.as_dict(private=False)["x"]
    raw = base64.urlsafe_b64decode(x + "==")
    stranger = OKPKey.generate_key("Ed25519")
    edited = f"{head}.{b64(orjson.dumps({**claims, 'sub': str(new_id())}))}"
    none = f"{b64(orjson.dumps({**header, 'alg': 'none'}))}.{body}"
    confused = f"{b64(orjson.dumps({**header, 'alg': 'HS256'}))}.{body}"
    forged = [
        f"{edited}.{signature}",
        f"{edited}.{b64(stranger.private_key.sign(edited.encode()))}",
        f"{none}.", f"{none}.{signature}", f"{head}.{body}.", f"{head}.{body}.{'A' * 86}", f"{head}.{body}",
        *(f"{confused}.{b64(hmac.new(secret, confused.encode(), hashlib.sha256).digest())}"
          for secret in (raw, x.encode(), orjson.dumps(key.as_dict(private=False)), key.as_pem(private=False))),
        "..", "a.b.c", f"{head}.{body}.{signature}.x", "A" * 5000 + ".a.b", "é.é.é", ana.refresh_token,
        f"{b64(b'[' * 400)}.{body}.{signature}",
    ]  # fmt: skip
    for token in forged:
        answer = await client.signed_in(token).get("/api/users/me")
        assert (answer.status, answer.code) == (401, "unauthenticated"), token
        assert (await client.signed_in(token).get("/.well-known/jwks.json")).status == 401
    assert (await ana.client.get("/api/users/me")).status == 200


def test_only_what_looks_like_ours_is_looked_at():
    authenticator = AccessTokens()
    assert authenticator.accepts("a.b.c")
    assert not authenticator.accepts("fk_0190abc")
    assert not authenticator.accepts("a.b")
    assert not authenticator.accepts("a.b.c\n")


async def test_the_first_users_of_a_deployment_agree_on_one_key(database):
    rings = [Keyring() for _ in range(10)]
    signers = await asyncio.gather(*(ring.signer() for ring in rings))
    assert len({kid for kid, _ in signers}) == 1
    assert await db.fetch_value("SELECT count(*) FROM users_signing_key") == 1


async def rotate():
    await db.execute("UPDATE users_signing_key SET retired_at = $1 WHERE retired_at IS NULL", core_clock.now())


async def test_a_retired_key_verifies_until_its_tokens_are_gone(client, signed_in, login, clock, monkeypatch):
    ana = await signed_in()
    await rotate()
    monkeypatch.setattr(keyring, "_loaded_at", float("-inf"))
    after = (await login()).json["access_token"]
    assert parts(after)[0]["kid"] != parts(ana.access_token)[0]["kid"]
    assert (await ana.client.get("/api/users/me")).status == 200
    assert (await client.signed_in(after).get("/api/users/me")).status == 200
    assert len(await keyring.public_keys()) == 2
    clock.move(minutes=16)
    assert len(await keyring.public_keys()) == 1


async def test_another_process_accepts_a_fresh_key_at_once(signed_in, login, monkeypatch):
    await signed_in()
    other = Keyring()
    kid, _ = await keyring.signer()
    assert await other.verifier(kid) is not None
    await rotate()
    fresh, _ = await keyring.signer()
    monkeypatch.setattr(other, "_loaded_at", other._loaded_at - 2)
    assert await other.verifier(fresh) is not None


async def test_unknown_key_ids_do_not_ask_the_database_each_time(signed_in, monkeypatch):
    await signed_in()
    ring, loads = Keyring(), []
    load = ring._load

    async def counted():
        loads.append(1)
        await load()

    monkeypatch.setattr(ring, "_load", counted)
    for _ in range(50):
        assert await ring.verifier(str(new_id())) is None
    assert len(loads) == 1
