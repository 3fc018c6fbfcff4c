"""How much one request, and all of them together, may ask of the service."""

from typing import Final

from evernormal.formats import order_request, usage_batch

BODY_BYTES_MAX: Final = usage_batch.BYTES_MAX
ORDER_BYTES_MAX: Final = order_request.BYTES_MAX
# What is too large is still let in so far, so that its sender hears why it is refused.
PASSED_OVER_BYTES_MAX: Final = 4 * BODY_BYTES_MAX
# A line of 1 Mbit/s brings the largest body in 64 s.
BODY_SECONDS_MAX: Final = 90
# Six headers of ours and a dozen of a gateway's.
HEAD_BYTES_MAX: Final = 16 * 1024
# Each holds one body: together half a GiB at most.
WAITING_MAX: Final = 64
# Connections, with those that only keep alive.
CONNECTIONS_MAX: Final = 512
KEEP_ALIVE_SECONDS: Final = 75
# A batch in hand is done in a second; a slow disk may need some more.
STOP_SECONDS_MAX: Final = 60
# How long the database may take to answer that it is there.
DATABASE_SECONDS_MAX: Final = 5
# Acts that time makes due are at most so late.
WORK_EVERY_SECONDS: Final = 60
