"""Hand-over packages: gathered from the database, checked from outside, kept and told about.

One module a package; the makers, validators and readers themselves are `storage.packages`.
"""
