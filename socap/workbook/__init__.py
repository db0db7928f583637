"""Workbooks people hand in and take away: cells read safely, text in cells read without guessing."""
