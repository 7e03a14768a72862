"""A node or a zone is lost: which pods are left, and where the others can go."""
