"""What people and programs see: Django's pages, and the edge that answers carriers and streams.

A page shows what the loaders hand it and sends what a person does to one action. It decides
nothing: not what may be seen, not what may be sent, and it holds no legal sentence.
"""
