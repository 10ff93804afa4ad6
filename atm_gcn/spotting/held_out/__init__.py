"""The people of a fold searched by spotters, and classified by a model, that know nothing of them."""
