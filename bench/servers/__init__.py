"""The servers under test: tandem in a model, and the peers of bench/peers. Each serves inside ``with``."""
