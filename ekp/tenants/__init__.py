"""What is done to tenants' files and to the register."""
