"""The URLs of the CloudFront API."""

from .responses import Responses

url_bases = [
    r"https?://cloudfront\.amazonaws\.com",
    r"https?://cloudfront\.(.+)\.amazonaws\.com",
]

# One catch-all: the service model knows which operation a path means.
url_paths = {"{0}/.*": Responses.dispatch}
