"""The platform's services, one file each."""
