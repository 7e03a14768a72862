"""The image of jobs that call AWS, Vault or the Kubernetes API from a shell script.

It brings curl. Source: Amazon Linux user guide, "Package changes for curl and libcurl".
"""

# renovate: datasource=docker depName=public.ecr.aws/aws-cli/aws-cli
AWS_CLI = "public.ecr.aws/aws-cli/aws-cli:2.36.44"
