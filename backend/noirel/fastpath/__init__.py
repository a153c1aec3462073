"""Optional event-loop path for cached public responses, in front of Django. Nothing else imports it."""
