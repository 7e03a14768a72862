"""The names that the server and those who start it agree on."""

ALIVE_LOCK = "alive.lock"
START_LOCK = "start.lock"
STATE = "server.json"
LOG = "server.log"
READY = "ready"

PREFIX = "/_ekp/"
IDENTITY_PATH = f"{PREFIX}identity"
FAULTS_PATH = f"{PREFIX}faults"

# A hosted zone made with this and an id as its caller reference gets that id.
ZONE_REFERENCE = "ekp-zone-"
