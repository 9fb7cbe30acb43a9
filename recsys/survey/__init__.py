"""The poll: its questions, who may answer, the responses, and what they say."""
