"""The URLs of the WAF API."""

from .responses import Responses

url_bases = [r"https?://wafv2\.(.+)\.amazonaws.com"]

url_paths = {"{0}/": Responses.dispatch, "{0}/$": Responses.dispatch}
