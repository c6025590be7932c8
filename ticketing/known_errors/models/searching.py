"""What the search reads: a row beside each record, and how common each word is."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from ofx.core.models import Organisation
from ticketing.known_errors.models.article import KnownError
from ticketing.known_errors.vectors import VectorField


class KnownErrorIndex(models.Model):
    """The words and the vector of a record. Scope stands here too: the nearest neighbours need no join."""

    article = models.OneToOneField(KnownError, primary_key=True, on_delete=models.CASCADE, related_name="index")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10)
    visibility = models.CharField(max_length=10)
    words = SearchVectorField(null=True)
    digest = models.CharField(max_length=40, help_text="of the text that the vector stands for")
    vector = VectorField(null=True)
    vector_digest = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="known_error_words"),
            models.Index(
                fields=["article"],
                name="known_error_unembedded",
                condition=~models.Q(vector_digest=models.F("digest")),
            ),
        ]


class KnownErrorWord(models.Model):
    """A word of the records and in how many it stands: rare words say more."""

    lexeme = models.CharField(max_length=200, primary_key=True)
    documents = models.PositiveIntegerField()

    class Meta:
        indexes = [GinIndex(fields=["lexeme"], name="known_error_word_trgm", opclasses=["gin_trgm_ops"])]
