"""What a consumer is owed without asking: delayed repair, missed visit, delayed start (DOMAIN 6, SLA 8 R1 to R4)."""
