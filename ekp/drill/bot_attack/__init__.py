"""A bot attack: what the web ACLs let through of floods, botnets, guessers and good users."""
