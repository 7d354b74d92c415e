"""Adam and Beyond: methods, problems and simulations of the executable book."""
