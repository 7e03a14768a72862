"""The URLs of the EKS API."""

from .responses import Responses

url_bases = [r"https?://eks\.(.+)\.amazonaws.com"]

# One catch-all: the ARN in the path of an access entry holds slashes, and Flask matches the decoded
# path. The operation is found from the raw path, by the service model.
url_paths = {"{0}/.*": Responses.dispatch}
