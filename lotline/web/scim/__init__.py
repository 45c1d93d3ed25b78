"""SCIM 2.0: what an identity provider asks for and tells, under /scim/v2/, by our own actions."""
