"""The client of service 037 against the simulated service, over a real socket."""

from __future__ import annotations

import base64
import datetime
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.unit.population_service.people import CALLER, QUESTION, VY, desk, signer
from validators.errors import PopulationServiceError
from validators.population.service import (
    DailyQuota,
    GatewaySigner,
    JsonWire,
    Question,
    Retries,
    ServiceClient,
    SoapWire,
    auth_hash_of,
    bearer_fetcher,
    http_client,
)
from validators.population.service.signing import basic, lgsp_access_token
from validators.population.simulator import Access, Fault, Simulator


@pytest.fixture
def simulator():
    with Simulator([VY], slow_seconds=2.0) as running:
        yield running


def refused(of, question: Question = QUESTION) -> str:
    with pytest.raises(PopulationServiceError) as told:
        of.ask(question)
    return told.value.code


@pytest.mark.parametrize("wire", [SoapWire(), JsonWire()], ids=["soap", "json"])
def test_a_person_is_confirmed_by_number_name_and_birth_in_both_forms(simulator, wire):
    asking = desk(simulator, wire=wire)
    (citizen,) = asking.ask()
    assert (citizen.personal_number, citizen.name, citizen.birth) == (
        VY.soDinhDanh,
        "NGUYỄN PHƯƠNG VY",
        "2008-05-20",
    )
    assert (citizen.father.name, citizen.residence.detail) == (VY.hoTenCha, VY.noiThuongTru)
    assert asking.ask(Question("YC-2", VY.soCMND, "nguyễn phương vy", "2008"))[0] == citizen
    assert asking.ask(Question("YC-3", VY.soDinhDanh, VY.hoTen, "2007-05-20")) == ()
    assert asking.ask(Question("YC-4", VY.soDinhDanh, "Nguyễn Phương Vi", VY.ngaySinh)) == ()
    assert asking.outcomes == ["FOUND", "FOUND", "NOT_FOUND", "NOT_FOUND"]


def test_every_call_is_described_with_officer_unit_procedure_and_purpose(simulator):
    asking = desk(simulator)
    simulator.fail_next(Fault.ERROR_500)
    asking.ask()
    assert [(c.request_id, c.attempt, c.outcome) for c in asking.calls] == [
        ("YC-1", 1, "SERVER_ERROR"),
        ("YC-1", 2, "FOUND"),
    ]
    for call in asking.calls:
        assert (call.officer, call.unit, call.procedure, call.purpose) == (
            CALLER.officer,
            CALLER.unit,
            CALLER.procedure,
            CALLER.purpose,
        )


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.ERROR_500, "SERVER_ERROR"),
        (Fault.HANG_UP, "UNREACHABLE"),
        (Fault.TRUNCATED, "UNREACHABLE"),
        (Fault.SLOW, "TIMED_OUT"),
    ],
)
def test_a_passing_failure_is_tried_again_with_growing_pauses_and_then_told(
    simulator, fault: Fault, code: str
):
    asking = desk(simulator, retries=Retries(attempts=3, first_pause=1.0))
    simulator.fail_next(fault, fault)
    assert asking.ask()[0].name == "NGUYỄN PHƯƠNG VY"
    assert asking.outcomes == [code, code, "FOUND"]
    pauses = [s for s in asking.clock.slept if s > 0.1]
    assert pauses == [0.75, 1.5], "doubled, less half the jitter"

    simulator.fail_next(fault, fault, fault)
    assert refused(asking) == code


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.MALFORMED, "MALFORMED_XML"),
        (Fault.WRONG_NAMESPACE, "WRONG_NAMESPACE"),
        (Fault.WRONG_ENCODING, "WRONG_ENCODING"),
        (Fault.BOMB, "UNSAFE_XML"),
        (Fault.DEEP, "TOO_DEEP"),
        (Fault.HUGE, "TOO_LARGE"),
        (Fault.QUOTA, "QUOTA_EXCEEDED"),
    ],
)
def test_an_answer_that_cannot_be_trusted_is_told_by_its_code_and_not_asked_again(simulator, fault, code):
    asking = desk(simulator)
    simulator.fail_next(fault)
    assert refused(asking) == code
    assert asking.outcomes == [code]


def test_a_broken_json_answer_and_a_json_fault_have_codes(simulator):
    asking = desk(simulator, wire=JsonWire())
    simulator.fail_next(Fault.MALFORMED, Fault.QUOTA, Fault.WRONG_ENCODING, Fault.HUGE)
    codes = [refused(asking) for _ in range(4)]
    assert codes == ["MALFORMED_JSON", "QUOTA_EXCEEDED", "WRONG_ENCODING", "TOO_LARGE"]


@pytest.mark.parametrize(
    "changes", [{"secret": "khác"}, {"user": "khác"}, {"signed_url": "https://x/"}, {"api_key": "khac"}]
)
def test_a_wrong_signature_or_key_is_refused_by_the_service(simulator, changes):
    asking = desk(simulator, signed_by=signer(simulator, **changes))
    assert refused(asking) == "REFUSED"


def test_the_signature_is_the_documented_one():
    # the hash as `printf 'https://x/037u1700000000000s' | sha256sum` gives it
    digest = "c8f7ba2220064309014a6ead26fa78e6905912b4c7360a5b9c57411598f70168"
    sent = basic("https://x/037", "u", "1700000000000", "s")
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == f"u:{digest}"


class Shuffled(SoapWire):
    """Sends the name before the number."""

    def encode(self, question, caller, auth_hash=""):
        body = super().encode(question, caller, auth_hash)
        name = body[body.index(b"<dan:HoVaTen>") : body.index(b"</dan:HoVaTen>") + len(b"</dan:HoVaTen>")]
        return body.replace(name, b"").replace(b"<dan:SoDinhDanh>", name + b"<dan:SoDinhDanh>")


def test_a_wrong_order_of_elements_is_refused_by_the_service(simulator):
    assert refused(desk(simulator, wire=Shuffled())) == "FAULT"


def test_a_repeated_request_id_is_answered_alike_and_not_for_another_question(simulator):
    asking = desk(simulator)
    assert asking.ask() == asking.ask()
    assert refused(asking, replace(QUESTION, name="Trần Văn Ba")) == "FAULT"


def test_the_circuit_opens_after_failures_in_a_row_and_closes_after_a_trial(simulator):
    asking = desk(simulator, retries=Retries(attempts=1), breaker=(2, 60.0))
    simulator.fail_next(Fault.ERROR_500, Fault.ERROR_500, Fault.ERROR_500)
    assert [refused(asking) for _ in range(3)] == ["SERVER_ERROR", "SERVER_ERROR", "CIRCUIT_OPEN"]
    assert len(simulator.calls) == 2, "an open circuit sends nothing"
    asking.clock.now += 61
    assert [refused(asking), refused(asking)] == ["SERVER_ERROR", "CIRCUIT_OPEN"]
    asking.clock.now += 61
    assert asking.ask()
    assert asking.ask()


def test_no_more_calls_go_out_than_the_daily_quota_and_the_rate_allow(simulator):
    asking = desk(simulator, quota=lambda d: DailyQuota(2, lambda: len(d.calls)), per_second=2.0)
    asking.ask()
    asking.ask()
    assert asking.clock.slept == [0.5]
    assert refused(asking) == "QUOTA_EXCEEDED"
    assert len(simulator.calls) == 2


def test_a_service_with_its_own_quota_says_so():
    with Simulator([VY], Access(quota=1)) as simulator:
        asking = desk(simulator)
        assert asking.ask()
        assert refused(asking, replace(QUESTION, request_id="YC-2")) == "QUOTA_EXCEEDED"


def test_a_provincial_gateway_gets_its_tokens_and_a_lost_one_is_fetched_again():
    token = lgsp_access_token(access_key="a", secret_key="b", app="c", partner="d", customer="e")
    with Simulator([VY], Access(lgsp_access_token=token)) as simulator:
        fetch = bearer_fetcher(http_client(), simulator.token_url, lambda: 0.0)
        given = GatewaySigner(token, fetch, auth_hash=auth_hash_of("khoa", "mat-khau"))
        asking = desk(simulator, signed_by=given)
        assert asking.ask()
        simulator._bearer = "thu-hoi"
        assert refused(asking) == "REFUSED"
        assert asking.ask()
        wrong = desk(simulator, signed_by=GatewaySigner("khac", fetch))
        assert refused(wrong) == "REFUSED"


@pytest.mark.parametrize("url", ["http://dancu.example/037", "ftp://127.0.0.1/037", "dancu"])
def test_nothing_personal_goes_over_an_open_line(simulator, url: str):
    with pytest.raises(ValueError, match="HTTPS"):
        desk(simulator, url=url)


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for 127.0.0.1, and its key."""
    import ipaddress

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "MÔ PHỎNG")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "mo-phong.pem", folder / "mo-phong.key"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return pem, secret


def test_a_server_is_trusted_only_under_an_authority_that_was_named(tmp_path):
    pem, key = certificate(tmp_path)
    with Simulator([VY], tls=(pem, key)) as simulator:
        assert simulator.url.startswith("https://")
        assert refused(desk(simulator)) == "TLS_REFUSED"
        assert desk(simulator, http=http_client(ca_file=pem)).ask()


def test_an_address_where_nobody_answers_is_told_as_unreachable(simulator):
    asking = desk(simulator, url="http://127.0.0.1:9/037", retries=Retries(attempts=2, first_pause=0.1))
    assert refused(asking) == "UNREACHABLE"
    assert len(asking.calls) == 2
    assert isinstance(asking.client, ServiceClient)
