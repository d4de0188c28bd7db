"""Signatures of access tokens: EdDSA and nothing else.

Imports joserfc and cryptography, 10 MB, so it is itself imported with the first token that a process signs or reads.
"""

from __future__ import annotations

from joserfc import jws
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwa import EdDSAAlgorithm, JWSAlgModel
from joserfc.jwk import OKPKey
from joserfc.jwt import JWTClaimsRegistry

from feria_core.memory import give_back

__all__ = ["JWTClaimsRegistry", "JoseError", "is_signed_by", "opened", "signed"]


class _EdDsaOnly(jws.JWSRegistry):
    """The allow-list. "EdDSA" is the name that every JWT library knows; RFC 9864's "Ed25519" is too young."""

    _algorithm = EdDSAAlgorithm()

    def get_alg(self, name: str) -> JWSAlgModel:
        if name != self._algorithm.name:
            raise UnsupportedAlgorithmError(f"'{name}' is not how tokens are signed here")
        return self._algorithm


_registry = _EdDsaOnly()
give_back()


def signed(header: dict[str, str], payload: bytes, key: OKPKey) -> str:
    """Return the compact form of the payload, signed; the algorithm is added to the header."""
    return jws.serialize_compact({"alg": "EdDSA", **header}, payload, key, registry=_registry)


def opened(token: str) -> jws.CompactSignature:
    """Return the parts of a token whose signature nobody has looked at yet. Raises JoseError or ValueError."""
    return jws.extract_compact(token.encode("ascii"), registry=_registry)


def is_signed_by(found: jws.CompactSignature, key: OKPKey) -> bool:
    """Return True where the key made the signature. Raises JoseError for an algorithm that is not ours."""
    return jws.validate_compact(found, key, registry=_registry)
