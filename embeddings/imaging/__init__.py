"""Pixels: decoding, framing, trimming, keypoints, staging."""
