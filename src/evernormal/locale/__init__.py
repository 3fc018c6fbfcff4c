"""Every word that people read, in English and Chinese; codes stay in the data."""

from evernormal.locale.words import LANGS, Lang, MissingWord, Words, words

__all__ = ["LANGS", "Lang", "MissingWord", "Words", "words"]
