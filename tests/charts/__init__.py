"""What `ekp charts` says of the pinned charts and of the values of releases."""
