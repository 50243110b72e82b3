"""The real servers that other tests lean on are what they seem."""

from __future__ import annotations

import io

import psycopg
import pytest
from kombu import Connection
from minio import Minio
from minio.error import S3Error

from pipeline.endpoints import Endpoints, StoreAddress

pytestmark = pytest.mark.servers


def test_postgresql_keeps_checksums_and_sorts_vietnamese(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute("show data_checksums").fetchone() == ("on",)
        rows = connection.execute(
            'select n from unnest(array[%s, %s, %s]) n order by n collate "vi-x-icu"', ("Đào", "Dũng", "Anh")
        ).fetchall()
    assert [name for (name,) in rows] == ["Anh", "Dũng", "Đào"]


@pytest.mark.django_db
def test_django_uses_the_private_database_with_its_tables() -> None:
    from pipeline.models import Record

    assert Record.objects.count() == 0


@pytest.mark.parametrize("broker", ["redis_url", "rabbitmq_url"])
def test_a_broker_carries_a_message(broker: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(broker)
    with Connection(url) as connection, connection.SimpleQueue("probe") as queue:
        queue.put({"scan": "7"}, serializer="json")
        message = queue.get(timeout=10)
        message.ack()
    assert message.payload == {"scan": "7"}


def _client(address: StoreAddress) -> Minio:
    return Minio(
        endpoint=address.host,
        access_key=address.access_key,
        secret_key=address.secret_key,
        secure=address.secure,
        region=address.region,
    )


def test_the_reading_role_can_neither_write_nor_can_the_writing_role_make_buckets(
    store_endpoints: Endpoints,
) -> None:
    assert store_endpoints.store
    assert store_endpoints.store_reader
    writer, reader = _client(store_endpoints.store), _client(store_endpoints.store_reader)
    put = {"bucket_name": "sohoa-originals", "object_name": "a", "length": 1}
    writer.put_object(data=io.BytesIO(b"x"), **put)
    assert reader.stat_object(bucket_name="sohoa-originals", object_name="a").size == 1
    with pytest.raises(S3Error, match="AccessDenied"):
        reader.put_object(data=io.BytesIO(b"y"), **put)
    with pytest.raises(S3Error):
        writer.make_bucket(bucket_name="elsewhere")


def test_the_demo_authority_hands_out_a_key_that_opens(demo_authority: Endpoints) -> None:
    from cryptography.hazmat.primitives.serialization import pkcs12

    assert demo_authority.signing_pkcs12
    assert demo_authority.signing_password
    key, certificate, chain = pkcs12.load_key_and_certificates(
        demo_authority.signing_pkcs12.read_bytes(), demo_authority.signing_password.encode()
    )
    assert key
    assert certificate
    assert [issuer.subject for issuer in chain] == [certificate.issuer]
