"""How we speak to the world outside: carriers, key stores. One port per kind."""
