"""The commands of `esl`, one file per group."""
