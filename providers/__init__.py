"""Language-model vendors behind one interface: dataclasses in, dataclasses out. No models, no ORM."""
