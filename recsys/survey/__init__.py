"""The poll: its questions, who may answer, the responses, and their results."""
