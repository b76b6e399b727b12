"""Read what groups think from language models: likelihoods of statements, of options, sampled answers, free text."""

from agents.subpopulations.elicitation.answers import ElicitedAnswers
from agents.subpopulations.elicitation.likelihood import leanings, leanings_by_prompt
from agents.subpopulations.elicitation.open_text import OpenAnswers, open_answers
from agents.subpopulations.elicitation.options import OptionLogprobs
from agents.subpopulations.elicitation.questions import Question, Reading, option_orders, questions_of
from agents.subpopulations.elicitation.sampled import SampledAnswers
from agents.subpopulations.elicitation.thinking import Thinking

__all__ = [
    "ElicitedAnswers",
    "OpenAnswers",
    "OptionLogprobs",
    "Question",
    "Reading",
    "SampledAnswers",
    "Thinking",
    "leanings",
    "leanings_by_prompt",
    "open_answers",
    "option_orders",
    "questions_of",
]
