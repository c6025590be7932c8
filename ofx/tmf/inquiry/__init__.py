"""Questions of buyers' systems and our answers, kept: validations, qualifications, quotes, searches for a slot."""
