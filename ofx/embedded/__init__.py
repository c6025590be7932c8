"""Everything that lets OFX run on a machine with nothing but Python: database, broker, supervisor.

Nothing here imports Django or any other part of the product; settings may import `paths` from here.
"""
