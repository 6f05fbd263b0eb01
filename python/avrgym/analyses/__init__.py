"""Questions to rows of results, one file each: they read what was judged and never judge."""
