"""The URLs of the Cost and Usage Report API: AWS has it in one region."""

from .responses import Responses

url_bases = [r"https?://cur\.us-east-1\.amazonaws\.com"]

url_paths = {"{0}/$": Responses.dispatch}
