"""Secrets as encrypted rows of a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

import sqlalchemy as sa
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr
from sqlalchemy.dialects.postgresql import insert

from esl_pipeline.stores.postgres.schema import migrate
from esl_pipeline.stores.postgres.tables import SECRETS
from esl_pipeline.stores.postgres.troubles import words_of
from esl_pipeline.stores.secrets import SecretRefusedError, SecretUnavailableError

WHERE = "The table esl.secrets"
INSTALLATION = ""
"""Stands for the installation in the column of tenants; no slug is empty."""


class PostgresSecrets:
    """Rows of ``esl.secrets``, encrypted with Fernet (AES-128-CBC and HMAC-SHA256), each bound to its owner and name.

    The table is made before it is first used, where it is missing.

    Args:
        engine: of the database.
        keys: Fernet keys; the first encrypts, all decrypt.

    Raises:
        SecretRefusedError: there is no key, or one that is none.
    """

    def __init__(self, engine: sa.Engine, keys: Sequence[SecretStr]) -> None:
        self._engine, self._fernet = engine, _fernet(keys)
        self._lock, self._is_ready = Lock(), False

    def read(self, owner: str | None, name: str) -> SecretStr | None:
        """Returns a secret, None where there is no row of it."""
        wanted = sa.select(SECRETS.c.content).where(*_is(owner, name))
        with self._transaction() as connection:
            content = connection.execute(wanted).scalar_one_or_none()
        return None if content is None else self._open(owner, name, bytes(content))

    def put(self, owner: str | None, name: str, value: SecretStr) -> None:
        """Writes a secret, in the place of an older one."""
        content = self._fernet.encrypt(json.dumps([owner, name, value.get_secret_value()]).encode())
        row = insert(SECRETS).values(tenant=owner or INSTALLATION, name=name, content=content)
        changed = {"content": content, "updated_at": sa.func.now()}
        with self._transaction() as connection:
            connection.execute(row.on_conflict_do_update(index_elements=["tenant", "name"], set_=changed))

    def delete(self, owner: str | None, name: str | None = None) -> int:
        """Removes a secret, or all of an owner where no name is given; returns how many there were."""
        which = _is(owner, name) if name else [SECRETS.c.tenant == (owner or INSTALLATION)]
        with self._transaction() as connection:
            return connection.execute(sa.delete(SECRETS).where(*which)).rowcount

    def names(self) -> Sequence[tuple[str | None, str]]:
        """Returns the owners and names of all secrets, sorted."""
        wanted = sa.select(SECRETS.c.tenant, SECRETS.c.name).order_by(SECRETS.c.tenant, SECRETS.c.name)
        with self._transaction() as connection:
            return [(row.tenant or None, row.name) for row in connection.execute(wanted)]

    def rotate(self) -> int:
        """Encrypts all rows with the first key, in one transaction; returns how many there are.

        Raises:
            SecretRefusedError: a row was encrypted with none of the keys; nothing is changed.
        """
        with self._transaction() as connection:
            rows = connection.execute(sa.select(SECRETS).with_for_update()).all()
            for row in rows:
                owner, content = row.tenant or None, bytes(row.content)
                self._open(owner, row.name, content)
                fresh = {"content": self._fernet.rotate(content), "updated_at": sa.func.now()}
                connection.execute(sa.update(SECRETS).where(*_is(owner, row.name)).values(fresh))
        return len(rows)

    def place(self, owner: str | None, name: str) -> str:
        """Says how the secret is put."""
        return f"{name} by `esl secrets set {owner or '-'} {name}`"

    def forget(self, owner: str) -> None:
        """Does nothing: nothing is remembered here."""

    def _open(self, owner: str | None, name: str, content: bytes) -> SecretStr:
        whose = f"The secret {name} of {owner or 'the installation'}"
        try:
            found = json.loads(self._fernet.decrypt(content))
        except InvalidToken:
            raise SecretRefusedError(
                f"{whose} was encrypted with none of the keys in ESL_SECRETS_KEYS, or is damaged. Add the key that it "
                "was encrypted with, or set it anew."
            ) from None
        if found[:2] != [owner, name]:
            raise SecretRefusedError(f"{whose} was written for another name or owner. Set it anew.")
        return SecretStr(found[2])

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._lock:
                if not self._is_ready:
                    migrate(self._engine)
                    self._is_ready = True
            with self._engine.begin() as connection:
                yield connection
        except (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError) as error:
            raise SecretUnavailableError(f"{WHERE} is out of reach. {words_of(self._engine, error)}") from None
        except sa.exc.SQLAlchemyError as error:
            raise SecretRefusedError(f"{WHERE} can't be used. {words_of(self._engine, error)}") from None


def _is(owner: str | None, name: str) -> list[sa.ColumnElement[bool]]:
    return [SECRETS.c.tenant == (owner or INSTALLATION), SECRETS.c.name == name]


def _fernet(keys: Sequence[SecretStr]) -> MultiFernet:
    if not keys:
        raise SecretRefusedError(f"There is no key for the secrets. {MAKE_KEY}")
    made: list[Fernet] = []
    for number, key in enumerate(keys, 1):
        try:
            made.append(Fernet(key.get_secret_value()))
        except ValueError:
            raise SecretRefusedError(f"Key {number} in ESL_SECRETS_KEYS is no Fernet key. {MAKE_KEY}") from None
    return MultiFernet(made)


MAKE_KEY = "Make one with `esl secrets new-key` and put it first in ESL_SECRETS_KEYS, with commas between keys."
