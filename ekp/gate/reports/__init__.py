"""The gate's report in the forms that people and machines read."""
