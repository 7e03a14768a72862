"""What Istio's proxies make of a request, worked out from Istio's objects; Istio 1.30."""
