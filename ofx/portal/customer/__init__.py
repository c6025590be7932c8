"""The self-service portal of a provider's customers: connections, faults, complaints, plain words, phone first."""
