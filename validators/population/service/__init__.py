from validators.population.service.client import (
    ConfirmService,
    Edge,
    Retries,
    ServiceClient,
    bearer_fetcher,
    checked_address,
    http_client,
)
from validators.population.service.confirming import question_of, row_of, verdict_of
from validators.population.service.messages import Address, Caller, CallRecord, Citizen, Question, Relative
from validators.population.service.pacing import CircuitBreaker, DailyQuota, Pace
from validators.population.service.signing import DirectSigner, GatewaySigner, auth_hash_of
from validators.population.service.wires import JsonWire, SoapWire, Wire

__all__ = [
    "Address",
    "CallRecord",
    "Caller",
    "CircuitBreaker",
    "Citizen",
    "ConfirmService",
    "DailyQuota",
    "DirectSigner",
    "Edge",
    "GatewaySigner",
    "JsonWire",
    "Pace",
    "Question",
    "Relative",
    "Retries",
    "ServiceClient",
    "SoapWire",
    "Wire",
    "auth_hash_of",
    "bearer_fetcher",
    "checked_address",
    "http_client",
    "question_of",
    "row_of",
    "verdict_of",
]
