"""Learning what texts ask for and what they are for, from labelled texts in this folder.

A tool for those who change the product: nothing of the product imports it. The same texts give
the same weights to the byte, so that what is shipped can be made again by anyone.
"""
