"""Three losses defeat Adam for every beta1 and beta2: the theorem, its laws, its certificates."""
