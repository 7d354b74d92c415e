"""The exact boundary: the drift number, its laws, and independent gradients."""
