"""The data centre's agent: pulls readings, signs them, keeps them until the platform has them."""
