from pipeline.models.claimable import Claimable
from pipeline.models.history import Event, OutboxMessage, StageRun
from pipeline.models.holdings import Batch, Book, Office
from pipeline.models.notes import Note
from pipeline.models.records import FieldValue, Finding, Record, RegisterCheck, SealedCopy
from pipeline.models.registers import QueryState, RegisterCall, RegisterQuery
from pipeline.models.replacements import Replacement
from pipeline.models.samples import AcceptanceSample, SampledValue
from pipeline.models.scans import Delivery, Page, Scan
from pipeline.models.searches import SearchEntry, SearchWord
from pipeline.models.states import NEXT_RECORD_STATES, UNREAD_SCANS, BatchState, RecordState, ScanState

__all__ = [
    "NEXT_RECORD_STATES",
    "UNREAD_SCANS",
    "AcceptanceSample",
    "Batch",
    "BatchState",
    "Book",
    "Claimable",
    "Delivery",
    "Event",
    "FieldValue",
    "Finding",
    "Note",
    "Office",
    "OutboxMessage",
    "Page",
    "QueryState",
    "Record",
    "RecordState",
    "RegisterCall",
    "RegisterCheck",
    "RegisterQuery",
    "Replacement",
    "SampledValue",
    "Scan",
    "ScanState",
    "SealedCopy",
    "SearchEntry",
    "SearchWord",
    "StageRun",
]
