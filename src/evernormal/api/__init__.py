"""The live service: usage comes in over HTTP, and balances are asked for."""
