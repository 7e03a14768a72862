"""The WAF API over HTTP: what each operation answers."""

import json
from threading import RLock

from moto.core.common_types import TYPE_RESPONSE
from moto.wafv2.responses import WAFV2Response

from .errors import invalid

CLOUDFRONT, HOME = "CLOUDFRONT", "us-east-1"
# moto's server answers in threads, and a lock token is read before it is compared.
LOCK = RLock()


class Responses(WAFV2Response):
    """moto's operations, with the scope CLOUDFRONT in us-east-1 alone."""

    def call_action(self) -> TYPE_RESPONSE:
        """Do one operation at a time; a wrong scope is an error of the operation itself."""
        scope = json.loads(self.body or "{}").get("Scope")
        if scope == CLOUDFRONT and self.region != HOME:
            error = invalid("The scope is not valid.", "SCOPE_VALUE", CLOUDFRONT)
            return error.code, dict(error.get_headers()), str(error.description)
        with LOCK:
            return super().call_action()

    def list_resources_for_web_acl(self) -> TYPE_RESPONSE:
        """List what a web ACL protects, which moto knows and does not tell."""
        arns = self.wafv2_backend.resources_of(self._get_param("WebACLArn"))  # type: ignore[attr-defined] # models.py
        return 200, {}, json.dumps({"ResourceArns": arns})
