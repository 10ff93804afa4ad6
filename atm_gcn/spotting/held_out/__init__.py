"""Search and classification of the held-out people of a fold by models that were not trained on them."""
