"""TMF646 v4 Appointment, as a client: search slots, reserve, confirm, move, cancel, look up."""
