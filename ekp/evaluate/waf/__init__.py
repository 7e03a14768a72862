"""AWS WAF: what a web ACL does with a request, from the arguments that Terraform gives it."""
