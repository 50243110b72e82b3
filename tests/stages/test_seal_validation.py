"""No copy is stored that veraPDF refuses, and none is called valid that nobody validated."""

import io
import json
from dataclasses import replace

import jsonschema
import pikepdf
import pytest

from pipeline.models import Record, SealedCopy
from pipeline.stages import seal
from storage import verapdf

pytestmark = [pytest.mark.servers, pytest.mark.django_db(transaction=True)]


def attached(equipment, copy: SealedCopy) -> tuple[dict, dict, pikepdf.Pdf]:
    pdf = pikepdf.open(io.BytesIO(equipment.vault.store.get(copy.bucket, copy.key, copy.version_id)))
    files = {name: json.loads(spec.get_file().read_bytes()) for name, spec in pdf.attachments.items()}
    return files["record.json"], files["record.schema.json"], pdf


def test_a_sealed_copy_was_validated_and_its_record_keeps_to_the_schema_beside_it(approved, equipment):
    if (reason := verapdf.available()) is not None:
        pytest.skip(reason)
    seal.run(str(approved.pk), equipment.for_sealing())
    copy = SealedCopy.objects.get()
    assert (copy.pdfa, copy.pdfa_verdict) == ("PDF/A-3u", "PASSED")
    record, schema, pdf = attached(equipment, copy)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(record)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**record, "box": [1, 2]})
    with pdf.open_metadata() as xmp:
        assert xmp["{urn:sohoa:archive:1#}docCode"] == f"urn:uuid:{approved.pk}:v1"
        assert xmp["{urn:sohoa:archive:1#}confidenceLevel"] == "Số hóa"


def test_without_a_validator_a_seal_is_marked_as_not_validated(approved, equipment):
    seal.run(str(approved.pk), replace(equipment.for_sealing(), validator=None))
    assert SealedCopy.objects.get().pdfa_verdict == "INDETERMINATE"


def test_a_validator_that_gives_no_answer_leaves_the_seal_not_validated(approved, equipment):
    with verapdf.VeraPdf(timeout_s=0.0) as hasty:
        seal.run(str(approved.pk), replace(equipment.for_sealing(), validator=hasty))
    assert SealedCopy.objects.get().pdfa_verdict == "INDETERMINATE"


def test_a_copy_that_is_no_pdfa_is_not_stored_and_its_record_stays_approved(approved, equipment, monkeypatch):
    if (reason := verapdf.available()) is not None:
        pytest.skip(reason)
    build = seal.build_pdfa

    def without_colours(*arguments: object, **options: object) -> bytes:
        output = io.BytesIO()
        with pikepdf.open(io.BytesIO(build(*arguments, **options))) as pdf:
            del pdf.Root.OutputIntents
            pdf.save(output)
        return output.getvalue()

    with monkeypatch.context() as broken:
        broken.setattr(seal, "build_pdfa", without_colours)
        seal.run(str(approved.pk), equipment.for_sealing())
    approved.refresh_from_db()
    assert (approved.state, approved.error_code) == ("APPROVED", "NOT_PDFA")
    assert not SealedCopy.objects.exists()
    (finding,) = approved.findings.filter(stage="seal", withdrawn_at__isnull=True)
    assert (finding.code, finding.severity) == ("SEAL_NOT_VALID", "warns")
    assert "6.2.4.3" in finding.evidence["detail"]
    Record.objects.filter(pk=approved.pk).update(not_before=None)
    seal.run(str(approved.pk), equipment.for_sealing())
    approved.refresh_from_db()
    assert approved.state == "SEALED"
    assert not approved.findings.filter(stage="seal", withdrawn_at__isnull=True).exists()
