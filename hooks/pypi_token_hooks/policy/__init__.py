"""What is allowed: inline pragmas and the baseline. The only place that imports detect-secrets."""
