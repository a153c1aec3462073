"""Named by settings.DATABASES; Django wants its class called DatabaseWrapper, in a module called base."""

import select

from django.db.backends.postgresql import base
from psycopg import Error, pq


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the socket whether a kept connection still stands, before each request that uses it.

    Django asks PostgreSQL (`SELECT 1`), a round trip a request. A server that has gone, or has ended the session, has closed
    the socket: then there is something to read where nothing should be. A network that went silent is found by neither.
    """

    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        if self.errors_occurred or self.connection.pgconn.transaction_status != pq.TransactionStatus.IDLE:
            return super().is_usable()
        try:
            ready = select.poll()
            ready.register(self.connection.fileno(), select.POLLIN)
            if not ready.poll(0):
                return True
            # A notice, or the end: PostgreSQL says goodbye before it hangs up.
            self.connection.pgconn.consume_input()
            return super().is_usable()
        except (OSError, ValueError, Error):
            return False
