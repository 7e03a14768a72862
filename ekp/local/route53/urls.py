"""The URLs of the Route53 API."""

from .responses import Responses

url_bases = [r"https?://route53(\..+)?\.amazonaws.com"]

# One catch-all: the service model knows which operation a path means.
url_paths = {"{0}/.*": Responses.dispatch}
