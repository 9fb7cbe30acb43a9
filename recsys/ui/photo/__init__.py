"""The visitor's photo: taking, framing, remembering it."""
