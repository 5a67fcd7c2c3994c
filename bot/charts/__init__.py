"""Draw pictures for phones, in a process of their own."""
