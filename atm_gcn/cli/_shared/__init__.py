"""Options, arguments and output that several commands share."""
