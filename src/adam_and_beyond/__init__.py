"""Adam and Beyond: the methods, problems and simulations behind the executable book of the same name."""
