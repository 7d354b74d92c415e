"""What the book proves, a room per theorem; how proofs are made: :mod:`adam_and_beyond.proofs`."""
