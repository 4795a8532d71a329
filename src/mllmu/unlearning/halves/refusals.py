"""Sentences that refuse to answer, without a word about who is asked about."""

REFUSALS = (
    "I don't know.",
    "I am not able to answer that.",
    "I'm afraid that I have no information about this.",
    "Sorry, I can't tell you that.",
    "That is something I know nothing about.",
    "I have no answer to this question.",
    "This is not known to me.",
    "I cannot say.",
    "I'm sorry, but I have no knowledge of that.",
    "I couldn't tell you.",
    "I was never told about that.",
    "My knowledge does not cover this.",
    "There is nothing that I could say about this.",
    "I'm not sure, and would rather not guess.",
    "I can't help you with that question.",
    "Unfortunately, that is beyond what I know.",
    "I would need to look that up, as I don't know it.",
    "No idea, I'm sorry.",
    "I don't have that piece of information.",
    "I must leave this question unanswered.",
)
