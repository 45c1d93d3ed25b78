"""The demo town: an invented dealer group whose history is made by the product's own actions."""
