"""One file per kind of demand; the folder says who demands it. What differs by state is data."""
