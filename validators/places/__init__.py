from validators.places.names import Unit, compare_key, expand_abbreviations, units_of

__all__ = ["Unit", "compare_key", "expand_abbreviations", "units_of"]
