"""Data sets of people's opinions and of their texts, one file per source, each with one verb: `load`.

Surveys give a `Loaded` (opinion table, respondents where the file has them, provenance); corpora give a
`LoadedCorpus`. A loader reads the user's own file, or downloads the upstream file once where its hash is known and
its licence allows.
"""

from agents.subpopulations.sources.source import Loaded, LoadedCorpus, Source

__all__ = ["Loaded", "LoadedCorpus", "Source"]
