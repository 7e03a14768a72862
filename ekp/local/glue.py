"""Corrections of moto's Glue: a database takes its tags with it."""

from moto.glue.models import GlueBackend


def install() -> None:
    """Correct the deletion of databases; a second call changes nothing."""
    GlueBackend.delete_database = _delete_database  # type: ignore[method-assign] # no other hook


_moto_delete_database = GlueBackend.delete_database


def _delete_database(self: GlueBackend, database_name: str) -> None:
    # moto keeps them, so the tagging API shows what is gone, and the next of that name has them.
    _moto_delete_database(self, database_name)
    arn = f"arn:{self.partition}:glue:{self.region_name}:{self.account_id}:database/{database_name}"
    self.tagger.delete_all_tags_for_resource(arn)
