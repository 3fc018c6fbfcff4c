"""A programme year: the tenant that every other row belongs to."""

from django.db import models


class Programme(models.Model):
    """One year of one scheme. Its row is locked by every act, so its acts have one order."""

    id = models.CharField(primary_key=True, max_length=64)
    scheme_id = models.CharField(max_length=64)
    inputs_digest = models.CharField(max_length=64)
    opened_on = models.DateField()

    class Meta:
        db_table = "programme"

    def __str__(self) -> str:
        return self.id
