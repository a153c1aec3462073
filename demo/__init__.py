"""The demo house: its catalogue and its pictures."""
