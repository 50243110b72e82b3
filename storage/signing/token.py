"""Signing keys on a PKCS#11 token or hardware module."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pkcs11
from asn1crypto import x509
from pkcs11.constants import TokenFlag
from pkcs11.exceptions import PinIncorrect, PinLenRange, PinLocked, PKCS11Error
from pyhanko.sign.general import SigningError as PyHankoSigningError
from pyhanko.sign.pkcs11 import PKCS11Signer
from pyhanko.sign.signers import Signer

from storage.errors import KeyUnavailable, SigningError
from storage.signing.keys import common_name


class TokenKey:
    """A key that never leaves its token; the session stays open, so that a batch needs one unlock.

    Attributes:
        common_name: subject of the certificate.
        certificate: the signer's, from the token.
        chain: certificates above it.
    """

    def __init__(
        self, module: Path, token_label: str, key_label: str, pin: str, chain: Sequence[x509.Certificate] = ()
    ) -> None:
        """Unlock the token.

        A wrong PIN is tried once: a token that has seen one since its last unlock is not asked again,
        because a few more would lock it for good.

        Args:
            module: PKCS#11 library of the token's maker.
            token_label: of the token.
            key_label: of key and certificate on it.
            pin: of the user.
            chain: certificates above the signer's.

        Raises:
            KeyUnavailable: ``TOKEN_MISSING``, ``TOKEN_UNAVAILABLE``.
            SigningError: ``TOKEN_PIN_WRONG``, ``TOKEN_PIN_LOW``, ``TOKEN_LOCKED``, ``NO_CERTIFICATE``.
        """
        try:
            token = pkcs11.lib(str(module)).get_token(token_label=token_label)
            if token.flags & TokenFlag.USER_PIN_LOCKED:
                raise SigningError("TOKEN_LOCKED", f"token {token_label} is locked; its issuer unlocks it")
            if token.flags & (TokenFlag.USER_PIN_COUNT_LOW | TokenFlag.USER_PIN_FINAL_TRY):
                raise SigningError(
                    "TOKEN_PIN_LOW",
                    f"token {token_label} was given a wrong PIN; put the PIN file right and unlock the token "
                    "once by hand, such as with pkcs11-tool --login",
                )
            session = token.open(user_pin=pin)
        except (PinIncorrect, PinLenRange) as error:
            raise SigningError("TOKEN_PIN_WRONG", f"token {token_label} does not take this PIN") from error
        except PinLocked as error:
            raise SigningError("TOKEN_LOCKED", f"token {token_label} is locked") from error
        except pkcs11.exceptions.NoSuchToken as error:
            raise KeyUnavailable("TOKEN_MISSING", f"no token {token_label} in {module}") from error
        except (PKCS11Error, RuntimeError) as error:
            raise KeyUnavailable("TOKEN_UNAVAILABLE", f"{module}: {type(error).__name__} {error}") from error
        self._session = session
        self._signer = PKCS11Signer(
            session, cert_label=key_label, key_label=key_label, ca_chain=list(chain), embed_roots=False
        )
        try:
            certificate = self._signer.signing_cert
        except (PyHankoSigningError, PKCS11Error) as error:
            self.close()
            raise SigningError("NO_CERTIFICATE", f"token {token_label}: {error}") from error
        if certificate is None:
            self.close()
            raise SigningError("NO_CERTIFICATE", f"token {token_label} holds no certificate {key_label}")
        self.certificate = certificate
        self.chain = tuple(chain)
        self.common_name = common_name(certificate)

    def signer(self) -> Signer:
        """The signer of the open session."""
        return self._signer

    def close(self) -> None:
        """Log out; a process may unlock a token once at a time."""
        self._session.close()
