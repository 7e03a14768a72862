"""What tenants cost, from Kubecost's answers and the settings: shared out to the cent."""
