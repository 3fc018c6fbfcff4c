"""Pure encoders and decoders: bytes in, values out, and back. No disk, no network, no framework."""
