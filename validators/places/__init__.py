from validators.places.address_book import AddressBook, address_book
from validators.places.dated import PlaceCheck, check_place
from validators.places.gazetteer import Gazetteer, load_gazetteer
from validators.places.names import Unit, compare_key, expand_abbreviations, units_of
from validators.places.resolving import Resolution

__all__ = [
    "AddressBook",
    "Gazetteer",
    "PlaceCheck",
    "Resolution",
    "Unit",
    "address_book",
    "check_place",
    "compare_key",
    "expand_abbreviations",
    "load_gazetteer",
    "units_of",
]
