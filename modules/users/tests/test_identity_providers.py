from __future__ import annotations

import asyncio
import time
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest

from feria_core import db
from feria_core.config import load_config
from feria_core.errors import StartRefused
from feria_core.ids import new_token
from feria_core.runtime import current as current_runtime
from feria_core.runtime import load_runtime, use
from feria_core.testing.deployment import write_plugins
from feria_core.testing.identity_provider import Faults, Subject, fake_identity_provider
from feria_users.oidc import discovery, providers
from feria_users.oidc.providers import Provider

PASSWORD = "correct horse battery"


@pytest.fixture
async def issuer(monkeypatch):
    """A provider `shop-id`, and another, `other-id`; both enabled."""
    async with fake_identity_provider() as first, fake_identity_provider(client_secret="another") as second:
        first.other = second
        known = [
            Provider(name, name.title(), each.issuer, each.client_id, each.client_secret, f"http://shop.test/{name}")
            for name, each in (("shop-id", first), ("other-id", second))
        ]
        monkeypatch.setattr(providers, "enabled", lambda: known)
        discovery.forget()
        yield first
        discovery.forget()


@pytest.fixture
def start(client, issuer):
    async def post(provider="shop-id"):
        answer = await client.post(f"/api/auth/oidc/{provider}/start")
        assert answer.status == 200, answer.json
        return answer.json

    return post


@pytest.fixture
def complete(client):
    async def post(begun, back, provider="shop-id", **more):
        body = {**back, "browser_secret": begun["browser_secret"], **more}
        return await client.post(f"/api/auth/oidc/{provider}/complete", body)

    return post


@pytest.fixture
def sign_in(start, complete, issuer):
    """The whole way: begin, agree at the provider, come back."""

    async def go(subject=None, **more):
        begun = await start()
        return await complete(begun, issuer.approve(begun["authorization_url"], subject), **more)

    return go


async def count(table):
    return await db.fetch_value(f"SELECT count(*) FROM {table}")


async def test_a_first_sign_in_makes_a_verified_account_without_a_password(sign_in, client, login, mails):
    answer = await sign_in()
    assert answer.status == 200, answer.json
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "refresh_token"}
    me = (await client.signed_in(answer.json["access_token"]).get("/api/users/me")).json
    assert (me["email"], me["name"], me["email_verified"]) == ("ana@example.org", "Ana Castro", True)
    assert await db.fetch_value("SELECT password_hash FROM users_account") is None
    assert (await login(password=PASSWORD)).code == "invalid_credentials"
    assert [mail["to"] for mail in await mails()] == ["ana@example.org"]
    assert (await sign_in()).status == 200
    assert (await count("users_account"), await count("users_identity")) == (1, 1)


async def test_the_authorization_request_is_as_it_must_be(start, issuer):
    begun = await start()
    query = parse_qs(urlsplit(begun["authorization_url"]).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["response_type"] == ["code"]
    assert query["state"] == [begun["state"]]
    assert query["redirect_uri"] == ["http://shop.test/shop-id"]
    assert begun["browser_secret"] not in begun["authorization_url"]
    again = await start()
    for name in ("state", "nonce", "code_challenge"):
        assert query[name] != parse_qs(urlsplit(again["authorization_url"]).query)[name]


async def test_nothing_usable_is_stored_of_a_sign_in_under_way(start):
    begun = await start()
    row = await db.fetch_one("SELECT users_sign_in::text AS row FROM users_sign_in")
    for secret in (begun["state"], begun["browser_secret"]):
        assert secret not in row["row"]
        assert secret.encode().hex() not in row["row"]


async def test_the_enabled_providers_are_listed_without_their_secrets(client, issuer):
    answer = await client.get("/api/auth/providers")
    assert answer.json == {
        "items": [{"name": "shop-id", "label": "Shop-Id"}, {"name": "other-id", "label": "Other-Id"}]
    }


async def test_without_providers_nothing_is_listed_and_nothing_begins(client):
    assert (await client.get("/api/auth/providers")).json == {"items": []}
    for path in ("google/start", "google/complete", "%00/start", "a" * 500 + "/start"):
        body = {"code": "c", "state": "s", "browser_secret": "b"} if "complete" in path else None
        answer = await client.post(f"/api/auth/oidc/{path}", body)
        assert (answer.status, answer.code) == (404, "unknown_identity_provider")


# --- the state


async def test_a_state_is_good_once(start, complete, issuer):
    begun = await start()
    back = issuer.approve(begun["authorization_url"])
    assert (await complete(begun, back)).status == 200
    assert (await complete(begun, back)).code == "invalid_state"


async def test_of_twenty_at_once_one_is_signed_in(start, complete, issuer):
    begun = await start()
    back = issuer.approve(begun["authorization_url"])
    issuer.faults = Faults(accepts_used_codes=True)
    answers = await asyncio.gather(*(complete(begun, back) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] + [400] * 19
    assert await count("users_session") == 1


async def test_a_state_ends_after_ten_minutes(start, complete, issuer, clock):
    begun = await start()
    back = issuer.approve(begun["authorization_url"])
    clock.move(minutes=10, seconds=1)
    assert (await complete(begun, back)).code == "invalid_state"


async def test_a_state_of_another_browser_completes_nothing(start, complete, issuer):
    """An attacker who sends his own link signs nobody in to his account, and the owner can still go on."""
    attacker, victim = await start(), await start()
    back = issuer.approve(attacker["authorization_url"])
    for secret in (victim["browser_secret"], new_token(), "x"):
        answer = await complete({"browser_secret": secret}, back)
        assert (answer.status, answer.code) == (400, "invalid_state")
    assert (await complete(attacker, back)).status == 200


async def test_a_code_of_another_browser_is_refused_by_nonce_and_pkce(start, complete, issuer):
    attacker, victim = await start(), await start()
    stolen = issuer.approve(victim["authorization_url"])
    mine = {**stolen, "state": attacker["state"]}
    assert (await complete(attacker, mine)).code == "identity_refused"
    # Even a provider that does not look at the verifier is no way in: the nonce is another.
    again = await start()
    issuer.faults = Faults(skips_pkce=True)
    assert (await complete(again, {**stolen, "state": again["state"]})).code == "identity_refused"
    assert await count("users_account") == 0


async def test_a_state_holds_for_its_provider_alone(start, complete, issuer):
    begun = await start()
    back = issuer.approve(begun["authorization_url"])
    assert (await complete(begun, back, provider="other-id")).code == "invalid_state"
    # No code went to the other one.
    assert "/token" not in issuer.other.requests
    assert (await complete(begun, back)).status == 200


async def test_an_answer_of_another_issuer_is_refused_before_the_code_is_sent(start, complete, issuer):
    for iss in (issuer.other.issuer, "", None):
        begun = await start()
        back = {**issuer.approve(begun["authorization_url"]), "iss": iss}
        assert (await complete(begun, back)).code == "identity_refused"
    assert "/token" not in issuer.requests


# --- the provider misbehaves

LIES = {
    "wrong nonce": lambda _: Faults(claims={"nonce": "another"}),
    "no nonce": lambda _: Faults(claims={"nonce": None}),
    "empty nonce": lambda _: Faults(claims={"nonce": ""}),
    "wrong audience": lambda _: Faults(claims={"aud": "another"}),
    "no audience": lambda _: Faults(claims={"aud": None}),
    "many audiences without azp": lambda _: Faults(claims={"aud": ["feria", "another"]}),
    "azp of another": lambda _: Faults(claims={"azp": "another"}),
    "wrong issuer": lambda _: Faults(claims={"iss": "https://evil.example"}),
    "issuer of another provider": lambda idp: Faults(claims={"iss": idp.other.issuer}),
    "no issuer": lambda _: Faults(claims={"iss": None}),
    "expired": lambda _: Faults(claims={"exp": int(time.time()) - 31}),
    "no expiry": lambda _: Faults(claims={"exp": None}),
    "expiry text": lambda _: Faults(claims={"exp": "9999999999"}),
    "of the future": lambda _: Faults(claims={"iat": int(time.time()) + 600}),
    "no subject": lambda _: Faults(claims={"sub": None}),
    "empty subject": lambda _: Faults(claims={"sub": ""}),
    "subject number": lambda _: Faults(claims={"sub": 5}),
    "long subject": lambda _: Faults(claims={"sub": "x" * 256}),
    "lone surrogate": lambda _: Faults(claims={"sub": "\ud800"}),
    "at_hash of another": lambda _: Faults(claims={"at_hash": "AAAA"}),
    "algorithm none": lambda idp: Faults(sign=idp.unsigned),
    "algorithm HS256": lambda idp: Faults(sign=idp.signed_with_public_key),
    "key of a stranger": lambda idp: Faults(sign=idp.signed_by_stranger),
    "unknown key": lambda _: Faults(header={"kid": "unknown"}),
    "no token": lambda _: Faults(sign=lambda *_: ""),
    "garbage": lambda _: Faults(sign=lambda *_: "a.b.c"),
    "huge": lambda _: Faults(sign=lambda *_: "a" * 20_000),
}


@pytest.mark.parametrize("name", LIES)
async def test_a_token_that_does_not_hold_signs_nobody_in(sign_in, issuer, name):
    assert (await sign_in()).status == 200
    sessions = await count("users_session")
    issuer.faults = LIES[name](issuer)
    answer = await sign_in()
    assert (answer.status, answer.code) == (401, "identity_refused")
    assert await count("users_session") == sessions


async def test_a_code_that_was_used_is_refused(start, complete, issuer):
    begun = await start()
    back = issuer.approve(begun["authorization_url"])
    assert (await complete(begun, back)).status == 200
    again = await start()
    assert (await complete(again, {**back, "state": again["state"]})).code == "identity_refused"


@pytest.mark.parametrize(
    "faults",
    [
        Faults(stall_s=5), Faults(status=500), Faults(status=302), Faults(raw=b"<html>"), Faults(raw=b"[]"),
        Faults(raw=b'{"x": "' + b"a" * 300_000 + b'"}'), Faults(metadata={"issuer": "https://evil.example"}),
        Faults(metadata={"token_endpoint": "http://evil.example/token"}), Faults(metadata={"jwks_uri": None}),
        Faults(metadata={"jwks_uri": "file:///etc/passwd"}),
        # A downgrade of PKCE: the verifier itself would stand in the address bar.
        Faults(metadata={"code_challenge_methods_supported": ["plain"]}),
    ],
    ids=["stalls", "fails", "redirects", "html", "list", "huge", "issuer", "http", "no keys", "file", "plain"],
)  # fmt: skip
async def test_a_provider_that_does_not_answer_as_it_should_is_unavailable(client, issuer, faults, monkeypatch):
    from feria_core.runtime import settings
    from feria_users.oidc import wire
    from feria_users.settings import UsersSettings

    short = settings(UsersSettings).model_copy(update={"identity_provider_timeout_s": 0.3})
    monkeypatch.setattr(wire, "settings", lambda _: short)
    issuer.faults = faults
    answer = await client.post("/api/auth/oidc/shop-id/start")
    assert (answer.status, answer.code) == (503, "identity_provider_unavailable")
    assert issuer.requests.get("/elsewhere") is None
    issuer.faults = Faults()
    assert (await client.post("/api/auth/oidc/shop-id/start")).status == 200


async def test_a_rotated_key_is_fetched_and_made_up_ones_are_not_every_time(sign_in, issuer, monkeypatch):
    assert (await sign_in()).status == 200
    issuer.rotate()
    assert (await sign_in()).code == "identity_refused"  # loaded a moment ago
    monkeypatch.setattr(discovery, "RELOAD_S", 0.0)
    assert (await sign_in()).status == 200
    monkeypatch.undo()
    loads = issuer.requests["/keys"]
    assert issuer.requests["/.well-known/openid-configuration"] == 1
    assert loads == 2


# --- whose account


async def test_a_verified_account_is_linked_once_and_its_owner_told(verified, login, sign_in, mails):
    await verified()
    assert (await sign_in()).status == 200
    assert "Shop-Id" in (await mails())[-1]["subject"]
    assert (await login()).status == 200
    assert (await sign_in(Subject(email="new-address@example.org"))).status == 200
    assert (await count("users_account"), await count("users_identity")) == (1, 1)


@pytest.mark.parametrize("vouched", [False, None, "true", 1])
async def test_an_address_that_the_provider_has_not_verified_links_and_makes_nothing(verified, sign_in, vouched):
    await verified()
    answer = await sign_in(Subject(email_verified=vouched))
    assert (answer.status, answer.code) == (403, "identity_email_unverified")
    assert (await count("users_identity"), await count("users_account")) == (0, 1)


async def test_an_account_whose_address_nobody_has_verified_is_not_handed_over(register, sign_in, login):
    """A stranger registered it beforehand and waits for its owner to come with a provider."""
    await register(password="password of a stranger")
    answer = await sign_in()
    assert (answer.status, answer.code) == (409, "identity_not_linked")
    assert await count("users_identity") == 0
    assert (await login(password="password of a stranger")).code == "email_not_verified"


async def test_the_same_subject_at_another_issuer_is_somebody_else(sign_in, start, complete, issuer):
    assert (await sign_in()).status == 200
    begun = await start("other-id")
    back = issuer.other.approve(begun["authorization_url"], Subject(email="mallory@example.org"))
    assert (await complete(begun, back, provider="other-id")).status == 200
    assert await count("users_account") == 2


async def test_parallel_first_sign_ins_make_one_account(start, complete, issuer):
    begun = [await start() for _ in range(8)]
    backs = [issuer.approve(each["authorization_url"]) for each in begun]
    answers = await asyncio.gather(*(complete(*pair) for pair in zip(begun, backs, strict=True)))
    assert {answer.status for answer in answers} == {200}
    assert (await count("users_account"), await count("users_identity")) == (1, 1)


@pytest.mark.parametrize("subject", [Subject(email="not an address"), Subject(email=None), Subject(email="x" * 300)])
async def test_odd_addresses_make_no_account(sign_in, subject):
    assert (await sign_in(subject)).code == "identity_email_unverified"


async def test_odd_names_are_made_plain(sign_in):
    assert (await sign_in(Subject(name="A\x00\n" + "n" * 500))).status == 200
    name = await db.fetch_value("SELECT name FROM users_account")
    assert name.startswith("A n")
    assert len(name) <= 200


async def test_a_disabled_account_stays_out(sign_in):
    assert (await sign_in()).status == 200
    await db.execute("UPDATE users_account SET status = 'disabled'")
    assert (await sign_in()).code == "invalid_credentials"
    await db.execute("DELETE FROM users_identity")
    assert (await sign_in()).code == "invalid_credentials"


async def test_the_second_factor_is_asked_for_here_too(signed_in, start, complete, issuer, clock):
    ana = await signed_in()
    secret = (await ana.client.post("/api/users/me/otp", {"password": PASSWORD})).json["secret"]
    phone = pyotp.TOTP(secret)
    await ana.client.post("/api/users/me/otp/confirm", {"code": phone.at(clock.at)})
    clock.move(seconds=30)
    begun = await start()
    back = issuer.approve(begun["authorization_url"])
    assert (await complete(begun, back)).code == "otp_required"
    assert (await complete(begun, back, otp="not a code")).code == "invalid_otp"
    stranger = {"browser_secret": new_token()}
    assert (await complete(stranger, back, otp=phone.at(clock.at))).code == "invalid_state"
    signed = await complete(begun, back, otp=phone.at(clock.at))
    assert signed.status == 200
    assert await db.fetch_value("SELECT bool_and(second_factor) FROM users_session WHERE revoked_at IS NULL")
    assert (await complete(begun, back, otp=phone.at(clock.at, counter_offset=1))).code == "invalid_state"
    assert issuer.requests["/token"] == 1


# --- the settings


def config_with(tmp_path, provider, **environment):
    plugins = write_plugins(tmp_path / "plugins.toml")
    settings = f"[{provider}]" if provider else "[]"
    variables = {"FERIA_USERS__IDENTITY_PROVIDERS": settings, **environment}
    return load_config(plugins, environment=variables)


PROVIDER = '{"name": "p", "issuer": "https://id.example", "client_id": "c", "client_secret_env": "P_SECRET"}'


@pytest.fixture
def loaded(app):
    """Load configurations beside the running application."""
    before = current_runtime()
    yield load_runtime
    use(before)


def test_an_enabled_provider_without_its_secret_refuses_the_start(tmp_path, loaded):
    with pytest.raises(StartRefused, match="identity provider 'p' enabled, but P_SECRET is not set: set it"):
        loaded(config_with(tmp_path, PROVIDER))
    with pytest.raises(StartRefused, match="P_SECRET_FILE names"):
        loaded(config_with(tmp_path, PROVIDER, P_SECRET_FILE=str(tmp_path / "missing")))
    with pytest.raises(StartRefused, match="two identity_providers named 'p'"):
        loaded(config_with(tmp_path, f"{PROVIDER}, {PROVIDER}", P_SECRET="s"))
    with pytest.raises(StartRefused, match="is not https"):
        loaded(config_with(tmp_path, PROVIDER.replace("https:", "http:"), P_SECRET="s"))


def test_secrets_come_from_the_environment_or_a_file(tmp_path, loaded):
    (tmp_path / "secret").write_text("from a file\n")
    loaded(config_with(tmp_path, PROVIDER, P_SECRET_FILE=str(tmp_path / "secret")))
    assert providers.named("p").client_secret == "from a file"
    assert providers.named("p").redirect_url == "http://localhost:8000/sign-in/p"
    loaded(config_with(tmp_path, PROVIDER.replace("}", ', "enabled": false}')))
    assert providers.enabled() == []
