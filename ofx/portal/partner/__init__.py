"""Where operators answer: portal, signed links, CSV and API, all by ofx.orders.actions.operator_answers."""
