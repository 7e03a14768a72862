"""The names that the server and those who start it agree on."""

ALIVE_LOCK = "alive.lock"
START_LOCK = "start.lock"
STATE = "server.json"
LOG = "server.log"
READY = "ready"

PREFIX = "/_ekp/"
IDENTITY_PATH = f"{PREFIX}identity"
FAULTS_PATH = f"{PREFIX}faults"
# HCP Terraform's API, and the file that says who may use it.
HCP_PATH = f"{PREFIX}hcp/"
HCP = "hcp.json"

# A hosted zone made with this and an id as its caller reference gets that id.
ZONE_REFERENCE = "ekp-zone-"

# What the stand-in of the helm provider keeps beside a local AWS.
RELEASES = "releases"
RENDERED = "rendered"
# Names the folder that holds both.
HELM_FOLDER = "EKP_LOCAL_HELM"
# Names the Python that runs it.
HELM_PYTHON = "EKP_LOCAL_PYTHON"
