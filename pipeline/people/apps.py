from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Who works with the records, in which role and for which office."""

    name = "pipeline.people"
    label = "people"
    verbose_name = "Người dùng"
