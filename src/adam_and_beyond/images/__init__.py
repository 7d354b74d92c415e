"""The paper's experiments on images: data, networks, training, stored runs."""
