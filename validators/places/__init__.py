from validators.places.address_book import AddressBook, address_book
from validators.places.gazetteer import Gazetteer, load_gazetteer
from validators.places.names import Unit, compare_key, expand_abbreviations, units_of
from validators.places.resolving import Resolution

__all__ = [
    "AddressBook",
    "Gazetteer",
    "Resolution",
    "Unit",
    "address_book",
    "compare_key",
    "expand_abbreviations",
    "load_gazetteer",
    "units_of",
]
