"""The visitor's photo: taking, framing and remembering it."""
