"""TMF646 Appointment v4 over the visits of orders."""
